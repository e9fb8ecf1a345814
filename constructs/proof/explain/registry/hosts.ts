// Host names as Istio compares them (Istio 1.30: pkg/config/host, pilot/pkg/model/config.go).

/** Whether a name stands for many. */
export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether two names have a host in common, a wildcard on either side. */
export function overlaps(a: string, b: string): boolean {
  if (!isWildcard(a)) return isWildcard(b) ? a.endsWith(b.slice(1)) : a === b;
  if (!isWildcard(b)) return b.endsWith(a.slice(1));
  return a.length < b.length ? b.slice(1).endsWith(a.slice(1)) : a.slice(1).endsWith(b.slice(1));
}

/** Whether every host of `a` is one of `b`. */
export function within(a: string, b: string): boolean {
  if (!isWildcard(b)) return a === b;
  if (isWildcard(a)) return a.length >= b.length && a.slice(1).endsWith(b.slice(1));
  return a.endsWith(b.slice(1));
}

/** The hosts that both lists have: of a pair of which one holds the other, the narrower. */
export function intersection(ours: readonly string[], theirs: readonly string[]): string[] {
  const found = new Set<string>();
  for (const a of ours) {
    for (const b of theirs) {
      if (within(a, b)) found.add(a);
      else if (within(b, a)) found.add(b);
    }
  }
  return [...found];
}

/** The hosts of a server of a Gateway (`NAMESPACE/HOST` or `HOST`) that objects of a namespace may use. */
export function hostsFor(hosts: readonly string[], namespace: string): string[] {
  return hosts.flatMap((entry) => {
    const slash = entry.indexOf('/');
    if (slash < 0) return [entry];
    const of = entry.slice(0, slash);
    return of === namespace || of === '*' ? [entry.slice(slash + 1)] : [];
  });
}

/** The full name that Istio reads from a host in its own objects: only a name without any dot is completed. */
export function fullName(host: string, namespace: string): string {
  return host === '' || host === '*' || host.includes('.') || host.includes(':') ? host : kubernetesHost(host, namespace);
}

/** The name of a Kubernetes Service in Istio's registry. */
export function kubernetesHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

/** The most specific of several hosts that take a host in: the host itself, else the longest wildcard. */
export function mostSpecific(host: string, known: Iterable<string>): string | undefined {
  const needle = isWildcard(host) ? host.slice(1) : host;
  let best: string | undefined;
  for (const one of known) {
    if (one === host) return one;
    if (!isWildcard(one) || !needle.endsWith(one.slice(1))) continue;
    if (best === undefined || one.length > best.length || (one.length === best.length && one < best)) best = one;
  }
  return best;
}

/** Whether Envoy's wildcard domain takes a host in: `*` alone takes all, any other stands for at least one character. */
export function domainTakes(domain: string, host: string): boolean {
  return domain === '*' || (isWildcard(domain) && host.length >= domain.length && host.endsWith(domain.slice(1)));
}

/** A `Host` header without its port, in lower case: what virtual hosts are found by. */
export function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
