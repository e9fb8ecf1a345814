/** What a host name means inside a cluster. */
export type Host =
  /** A Service. `whole` when it is the full name, as Istio's registry has it. */
  | { readonly is: 'service'; readonly name: string; readonly namespace: string; readonly whole: boolean }
  /** A name outside the cluster's Services: a ServiceEntry may know it. */
  | { readonly is: 'other'; readonly host: string }
  /** A wildcard, an address, a variable: nothing that can be looked up. */
  | { readonly is: 'open' };

/**
 * Reads a host as a pod in a namespace would: `reviews`, `reviews.bookinfo`, `reviews.bookinfo.svc`, the full name under any cluster
 * domain, or the name of one pod of a headless Service in front of it.
 */
export function readHost(host: string, namespace: string): Host {
  const name = host.replace(/\.$/, '').toLowerCase();
  if (name === '' || /[*$%{}]/.test(name) || isAddress(name) || name === 'localhost') return { is: 'open' };
  const labels = name.split('.');
  const [first = '', second = '', third = '', fourth = ''] = labels;
  if (name.endsWith('.svc.clusterset.local')) return { is: 'open' };
  if (labels.length === 1) return { is: 'service', name: first, namespace, whole: false };
  if (third === 'svc') return { is: 'service', name: first, namespace: second, whole: labels.length > 3 };
  if (fourth === 'svc' && labels.length > 4) return { is: 'service', name: second, namespace: third, whole: true };
  if (labels.length === 2) return { is: 'service', name: first, namespace: second, whole: false };
  return { is: 'other', host: name };
}

/** The full name of a Service, under the default cluster domain. */
export function fullHost(service: { readonly name: string; readonly namespace: string }): string {
  return `${service.name}.${service.namespace}.svc.cluster.local`;
}

/** Whether a wildcard host (`*.example.com`, `*`) takes in another host. */
export function matchesWildcard(pattern: string, host: string): boolean {
  return pattern === '*' || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)));
}

function isAddress(host: string): boolean {
  return /^\d+(\.\d+){3}$/.test(host) || host.includes(':');
}
