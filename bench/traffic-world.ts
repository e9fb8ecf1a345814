import { toYaml } from '../constructs/kit/yaml.ts';

const services = 5000;
const servicesOfTeam = 50;

/** What a mesh of 5,000 services is asked for, and the namespaces in which the answer lies. */
export const asked = {
  host: 'svc-25.team-40',
  port: 8080,
  from: 'team-7/svc-3',
  namespaces: ['team-40', 'team-7'],
  user: 'jason',
} as const;

/**
 * A mesh as files of YAML, one for each of 100 teams: 5,000 Services with their Deployments of two versions, 10,000 rules in 5,000
 * VirtualServices, 5,000 DestinationRules, and the policies of each namespace.
 */
export function trafficWorld(): ReadonlyMap<string, string> {
  const teams = Array.from({ length: services / servicesOfTeam }, (_, i) => `team-${i}`);
  return new Map(
    teams.map((team) => [
      `${team}.yaml`,
      ofTeam(team)
        .map((one) => `---\n${toYaml(one)}`)
        .join(''),
    ]),
  );
}

function ofTeam(namespace: string): Readonly<Record<string, unknown>>[] {
  const names = Array.from({ length: servicesOfTeam }, (_, i) => `svc-${i}`);
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'istio-injection': 'enabled' } } },
    object('security.istio.io/v1', 'PeerAuthentication', 'default', namespace, { mtls: { mode: 'STRICT' } }),
    object('networking.istio.io/v1', 'Sidecar', 'default', namespace, { egress: [{ hosts: ['*/*'] }] }),
    ...names.flatMap((name) => ofService(name, namespace)),
  ];
}

function ofService(name: string, namespace: string): Readonly<Record<string, unknown>>[] {
  const host = `${name}.${namespace}.svc.cluster.local`;
  const to = (subset: string) => ({ destination: { host, subset } });
  return [
    object('v1', 'Service', name, namespace, {
      selector: { app: name },
      ports: [{ name: 'http', port: 8080, targetPort: 8080, appProtocol: 'http' }],
    }),
    ...['v1', 'v2'].map((version) => deployment(name, version, namespace)),
    object('networking.istio.io/v1', 'DestinationRule', name, namespace, {
      host,
      subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })),
    }),
    object('networking.istio.io/v1', 'VirtualService', name, namespace, {
      hosts: [host],
      http: [
        { match: [{ headers: { 'end-user': { exact: asked.user } } }], route: [to('v2')] },
        {
          timeout: '5s',
          route: [
            { ...to('v1'), weight: 90 },
            { ...to('v2'), weight: 10 },
          ],
        },
      ],
    }),
  ];
}

function deployment(app: string, version: string, namespace: string): Readonly<Record<string, unknown>> {
  const labels = { app, version };
  return object('apps/v1', 'Deployment', `${app}-${version}`, namespace, {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { containers: [{ name: app, image: `example.test/${app}:1.0.0`, ports: [{ containerPort: 8080 }] }] },
    },
  });
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string,
  spec: object,
): Readonly<Record<string, unknown>> {
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}
