import { toYaml } from '../constructs/kit/yaml.ts';

/** A plain object of a cluster. */
type Manifest = Readonly<Record<string, unknown>>;

/**
 * A platform of many tenants as one text: for each a Flux Kustomization and a source, a HelmRelease and its repository, an Ingress, a
 * Certificate and its issuer, an address of MetalLB with a Service that asks for it, and a monitor. Nothing in it is wrong.
 *
 * @param round is in every name: what was read in an earlier round is of no use in the next
 */
export function platformWorld(tenants: number, round: number): string {
  const all = Array.from({ length: tenants }, (_, i) => tenant(`tenant-${round}-${i}`, i));
  return all.flatMap((objects) => objects.map((one) => `---\n${toYaml(one)}`)).join('');
}

function tenant(name: string, index: number): Manifest[] {
  const address = `10.${Math.floor(index / 65536)}.${Math.floor(index / 256) % 256}.${index % 256}`;
  const labels = { app: name };
  const host = `${name}.site.example`;
  const after = index > 0 ? { dependsOn: [{ name: name.replace(/\d+$/, `${index - 1}`) }] } : {};
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    object('source.toolkit.fluxcd.io/v1', 'GitRepository', name, 'flux-system', {
      spec: { interval: '1m', url: `https://git.site.example/${name}.git`, ref: { branch: 'main' } },
    }),
    object('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', name, 'flux-system', {
      spec: { ...after, interval: '10m', path: './deploy', prune: true, sourceRef: { kind: 'GitRepository', name } },
    }),
    object('source.toolkit.fluxcd.io/v1', 'HelmRepository', name, name, {
      spec: { interval: '1h', url: `https://charts.site.example/${name}` },
    }),
    object('helm.toolkit.fluxcd.io/v2', 'HelmRelease', name, name, {
      spec: {
        interval: '10m',
        chart: { spec: { chart: name, version: '1.0.0', sourceRef: { kind: 'HelmRepository', name } } },
        values: { image: { repository: `registry.site.example/${name}`, tag: '1.0.0' }, replicas: 2 },
      },
    }),
    object('cert-manager.io/v1', 'Issuer', name, name, { spec: { ca: { secretName: 'site-ca' } } }),
    object('cert-manager.io/v1', 'Certificate', name, name, {
      spec: { secretName: `${name}-tls`, dnsNames: [host], issuerRef: { name, kind: 'Issuer' } },
    }),
    object('networking.k8s.io/v1', 'Ingress', name, name, {
      spec: {
        ingressClassName: 'traefik',
        tls: [{ hosts: [host], secretName: `${name}-tls` }],
        rules: [
          { host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { name: 'http' } } } }] } },
        ],
      },
    }),
    object('metallb.io/v1beta1', 'IPAddressPool', name, 'metallb-system', { spec: { addresses: [`${address}/32`] } }),
    object('metallb.io/v1beta1', 'L2Advertisement', name, 'metallb-system', { spec: { ipAddressPools: [name] } }),
    object('v1', 'Service', name, name, {
      metadata: { name, namespace: name, labels, annotations: { 'metallb.io/loadBalancerIPs': address } },
      spec: { type: 'LoadBalancer', selector: labels, ports: [{ name: 'http', port: 80 }] },
    }),
    object('apps/v1', 'Deployment', name, name, {
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name, image: `registry.site.example/${name}:1.0.0`, ports: [{ containerPort: 80 }] }] },
        },
      },
    }),
    object('monitoring.coreos.com/v1', 'ServiceMonitor', name, name, {
      spec: { selector: { matchLabels: labels }, endpoints: [{ port: 'http' }] },
    }),
  ];
}

function object(apiVersion: string, kind: string, name: string, namespace: string, rest: Manifest): Manifest {
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}
