import type { JsonObject } from './json.ts';
import { nearest } from './nearest.ts';
import { UserError } from './user-error.ts';

/** What a profile can install. */
export type IstioComponent = 'base' | 'istiod' | 'ingress-gateway' | 'egress-gateway' | 'cni' | 'ztunnel';

/** What one of Istio's built-in profiles enables. */
export interface IstioProfileFacts {
  /** For people. */
  readonly purpose: string;
  readonly components: readonly IstioComponent[];
  /** The namespace of the CNI agent and ztunnel, where it is not that of istiod. */
  readonly nodeAgentsIn?: string;
  /** The share of requests that istiod samples unless a Telemetry says otherwise, in percent. */
  readonly traceSamplingPercent: number;
  /** The ports of the ingress gateway's Service; none without one. */
  readonly ingressPorts: readonly number[];
  /** The mesh config that it renders besides that of `default`. A list of your own replaces the profile's whole. */
  readonly meshConfig: JsonObject;
  /** Chart values it sets besides; requests of CPU and memory left out. */
  readonly values: JsonObject;
}

/** The components, in the order of a rollout. */
export const istioComponents: readonly IstioComponent[] = [
  'base',
  'istiod',
  'cni',
  'ztunnel',
  'ingress-gateway',
  'egress-gateway',
];

const gatewayPorts = [15021, 80, 443];

const ambient = {
  meshConfig: {
    defaultConfig: { image: { imageType: 'distroless' }, proxyMetadata: { ISTIO_META_ENABLE_HBONE: 'true' } },
    serviceScopeConfigs: [
      { scope: 'GLOBAL', servicesSelector: { matchExpressions: [{ key: 'istio.io/global', operator: 'In', values: ['true'] }] } },
    ],
  },
  values: {
    global: { variant: 'distroless' },
    pilot: { env: { PILOT_ENABLE_AMBIENT: 'true' } },
    cni: { ambient: { enabled: true } },
  },
};

/**
 * Istio's built-in profiles (Istio 1.30, manifests/profiles and manifests/helm-profiles). `npm run conformance` compares them with what
 * `istioctl manifest generate` renders.
 */
export const istioProfiles = {
  default: {
    purpose: 'production: istiod and an ingress gateway',
    components: ['base', 'istiod', 'ingress-gateway'],
    traceSamplingPercent: 1,
    ingressPorts: gatewayPorts,
    meshConfig: {},
    values: {},
  },
  demo: {
    purpose: 'trying things out: both gateways, small requests, every trace',
    components: ['base', 'istiod', 'ingress-gateway', 'egress-gateway'],
    traceSamplingPercent: 100,
    ingressPorts: [15021, 80, 443, 31400, 15443],
    meshConfig: {
      accessLogFile: '/dev/stdout',
      extensionProviders: [
        { name: 'otel', envoyOtelAls: { service: 'opentelemetry-collector.observability.svc.cluster.local', port: 4317 } },
        { name: 'skywalking', skywalking: { service: 'tracing.istio-system.svc.cluster.local', port: 11800 } },
        {
          name: 'otel-tracing',
          opentelemetry: { service: 'opentelemetry-collector.observability.svc.cluster.local', port: 4317 },
        },
        { name: 'jaeger', opentelemetry: { service: 'jaeger-collector.istio-system.svc.cluster.local', port: 4317 } },
      ],
    },
    values: { pilot: { autoscaleEnabled: false } },
  },
  minimal: {
    purpose: 'istiod alone: bring your own gateways',
    components: ['base', 'istiod'],
    traceSamplingPercent: 1,
    ingressPorts: [],
    meshConfig: {},
    values: {},
  },
  ambient: {
    purpose: 'no sidecars: ztunnel on each node, waypoints where asked for',
    components: ['base', 'istiod', 'cni', 'ztunnel'],
    traceSamplingPercent: 1,
    ingressPorts: [],
    ...ambient,
  },
  remote: {
    purpose: 'a cluster whose istiod runs in another one: injection only',
    components: ['base'],
    traceSamplingPercent: 1,
    ingressPorts: [],
    meshConfig: {},
    values: {
      istiodRemote: { enabled: true },
      configMap: false,
      telemetry: { enabled: false },
      global: { omitSidecarInjectorConfigMap: true },
    },
  },
  empty: {
    purpose: 'nothing: a base for your own choice of components',
    components: [],
    traceSamplingPercent: 1,
    ingressPorts: [],
    meshConfig: {},
    values: {},
  },
  preview: {
    purpose: 'default, with what is new: proxies answer DNS',
    components: ['base', 'istiod', 'ingress-gateway'],
    traceSamplingPercent: 1,
    ingressPorts: gatewayPorts,
    meshConfig: { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } } },
    values: {},
  },
  stable: {
    purpose: 'default, and the API server refuses unstable features',
    components: ['base', 'istiod', 'ingress-gateway'],
    traceSamplingPercent: 1,
    ingressPorts: gatewayPorts,
    meshConfig: {},
    values: { experimental: { stableValidationPolicy: true } },
  },
  openshift: {
    purpose: 'default on OpenShift',
    components: ['base', 'istiod', 'cni', 'ingress-gateway'],
    nodeAgentsIn: 'kube-system',
    traceSamplingPercent: 1,
    ingressPorts: gatewayPorts,
    meshConfig: {},
    values: { global: { platform: 'openshift' } },
  },
  'openshift-ambient': {
    purpose: 'ambient on OpenShift',
    components: ['base', 'istiod', 'cni', 'ztunnel'],
    nodeAgentsIn: 'kube-system',
    traceSamplingPercent: 1,
    ingressPorts: [],
    meshConfig: ambient.meshConfig,
    values: { ...ambient.values, global: { ...ambient.values.global, platform: 'openshift' } },
  },
} as const satisfies Readonly<Record<string, IstioProfileFacts>>;

/** The name of a built-in profile. */
export type IstioProfile = keyof typeof istioProfiles;

/** Whether a name is that of a built-in profile. */
export function isIstioProfile(name: string): name is IstioProfile {
  return Object.hasOwn(istioProfiles, name);
}

/** The names, as Istio lists them. */
export const istioProfileNames: readonly IstioProfile[] = Object.keys(istioProfiles).filter(isIstioProfile);

/**
 * What a profile enables.
 *
 * @param where who names it, for the message: `mesh 'a/b'`; left out where that is plain
 * @throws UserError when there is no such profile (or no more: `external`), with the nearest name
 */
export function istioProfile(name: string, where?: string): IstioProfileFacts {
  if (isIstioProfile(name)) return istioProfiles[name];
  const near = nearest(name, istioProfileNames);
  const hint =
    name === 'external'
      ? "it was removed from Istio, use 'remote'"
      : near === undefined
        ? 'take another'
        : `did you mean '${near}'?`;
  throw new UserError(
    `there is no profile ${JSON.stringify(name)}${where ? `, named by ${where}` : ''}: ${hint}; allowed are ${istioProfileNames.join(', ')}`,
  );
}
