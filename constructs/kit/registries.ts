/**
 * Hosts that anybody on the internet pulls images and charts from, each with a name that can stand for it where the host itself must
 * not be named: in the inventory of a stack whose mirror stands in for all of them. Data only.
 */
const registries = {
  'docker-hub': 'docker.io',
  quay: 'quay.io',
  github: 'ghcr.io',
  kubernetes: 'registry.k8s.io',
  istio: 'registry.istio.io',
  google: 'gcr.io',
  aws: 'public.ecr.aws',
  microsoft: 'mcr.microsoft.com',
  nvidia: 'nvcr.io',
  gitlab: 'registry.gitlab.com',
  elastic: 'docker.elastic.co',
  chainguard: 'cgr.dev',
} as const satisfies Readonly<Record<string, string>>;

/** Hosts of one project or region each: what stands before the ending is told behind the name, `github-pages:open-telemetry`. */
const families = {
  'google-region': '.gcr.io',
  'google-artifacts': '-docker.pkg.dev',
  'github-pages': '.github.io',
  'google-storage': '.storage.googleapis.com',
} as const satisfies Readonly<Record<string, string>>;

/** Hosts that hold charts, and no images. */
const chartHosts = { kiali: 'kiali.org', jetstack: 'charts.jetstack.io', 'traefik-helm': 'helm.traefik.io' } as const;

const exact: readonly (readonly [name: string, host: string])[] = [...Object.entries(registries), ...Object.entries(chartHosts)];

/** Other names of Docker Hub. */
const dockerHub: readonly string[] = ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'];

/** The one name of a registry that has several. */
export function canonicalHost(host: string): string {
  return dockerHub.includes(host) ? registries['docker-hub'] : host;
}

/** The name that stands for a public host; undefined for a host that is not known to be public. */
export function publicName(host: string): string | undefined {
  const canonical = canonicalHost(host);
  const found = exact.find(([, one]) => one === canonical);
  if (found) return found[0];
  const family = Object.entries(families).find(([, ending]) => canonical.endsWith(ending));
  return family && `${family[0]}:${canonical.slice(0, -family[1].length)}`;
}

/** The host that a name of {@link publicName} stands for; undefined when there is no such name. */
export function publicHost(name: string): string | undefined {
  const found = exact.find(([one]) => one === name);
  if (found) return found[1];
  const [family, before] = name.split(':');
  const ending = Object.entries(families).find(([one]) => one === family)?.[1];
  return ending === undefined || before === undefined ? undefined : `${before}${ending}`;
}

const images = [...Object.values(registries), families['google-region'], families['google-artifacts'], ...dockerHub];
/** Source of a regular expression for the host of a public image registry, with whatever names stand before it. */
export const publicRegistryPattern = `(?:[a-z0-9-]+\\.)*(?:${images
  .map((host) => (host.startsWith('-') ? '[a-z0-9-]+' : '') + host.replace(/^\./, '').replaceAll('.', '\\.'))
  .join('|')})`;
