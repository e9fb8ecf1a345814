import { Construct } from 'constructs';
import { toJson_KialiSpec } from '../../imports/kiali.io.ts';
import {
  type AccessRule,
  ConfigFiles,
  namespaceOf,
  type Page,
  type Published,
  repositories,
  type SecretKey,
  versions,
  Workload,
} from '../kit/index.ts';
import { kialiPath, kialiPorts, kialiSpec } from './kiali-config.ts';
import type { KialiConfigProps } from './kiali-props.ts';

/** Options of a {@link Kiali}. */
export interface KialiProps extends KialiConfigProps {
  /**
   * Who gets in. You can pass:
   * - 'anonymous': everybody who reaches it, for a lab;
   * - `{ token: { secret, key } }`: who has a ServiceAccount's token, with that account's rights. The key of an existing Secret signs
   *   the sessions; it must be 16, 24 or 32 bytes long.
   *
   * @default 'anonymous'
   */
  readonly auth?: 'anonymous' | { readonly token: SecretKey };
  /** The image's tag: `vX.Y`. @default the catalog's, `versions.kiali` */
  readonly version?: string;
  /** The image without its tag, for a mirror. @default quay.io/kiali/kiali */
  readonly image?: string;
  /** Kubernetes quantities. @default 10m CPU and 64Mi memory requested, 1Gi memory at most */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string };
}

/** Kiali's server as a plain workload: Service `kiali`, port 20001, pages below `/kiali`, its own metrics at port 9090. */
export class Kiali extends Construct implements Published {
  /** Its page, at `/kiali`. */
  readonly page: Page;
  /** The Deployment with its Service, ServiceAccount and rights: for JSON patches. */
  readonly workload: Workload;

  /** @throws UserError what links and logins say: see {@link KialiConfigProps} */
  constructor(scope: Construct, id: string, props: KialiProps) {
    super(scope, id);
    const { auth = 'anonymous', dashboardsLogin, version = versions.kiali, viewOnly = true } = props;
    const strategy = auth === 'anonymous' ? 'anonymous' : 'token';
    const context = { namespace: namespaceOf(this), where: this.node.path };
    kialiSpec(props, strategy, context);
    const config = new ConfigFiles(this, 'config', {
      name: 'kiali',
      labels: { app: 'kiali' },
      files: () => ({ 'config.yaml': toJson_KialiSpec(kialiSpec(props, strategy, { ...context, page: this.page })) ?? {} }),
    });
    const health = { get: `${kialiPath}/healthz`, port: kialiPorts.http } as const;
    this.workload = new Workload(this, 'server', {
      name: 'kiali',
      version,
      image: `${props.image ?? repositories.kiali}:${version}`,
      user: 1000,
      sidecar: 'never',
      command: ['/opt/kiali/kiali', '-config', '/kiali-configuration/config.yaml'],
      env: { ACTIVE_NAMESPACE: { field: 'metadata.namespace' }, LOG_LEVEL: 'info', LOG_FORMAT: 'text', LOG_SAMPLER_RATE: '1' },
      ports: [
        { name: 'http', port: kialiPorts.http },
        { name: 'http-metrics', port: kialiPorts.metrics },
      ],
      service: [
        { name: 'http', port: kialiPorts.http, appProtocol: 'http' },
        { name: 'http-metrics', port: kialiPorts.metrics, appProtocol: 'http' },
      ],
      mounts: [
        { at: '/kiali-configuration', files: config },
        // Kiali 2.29 reads its secrets from files of fixed names, each in its own folder.
        ...(auth === 'anonymous'
          ? []
          : [{ at: '/kiali-override-secrets/login-token-signing-key', ...auth.token, as: 'value.txt' }]),
        ...(dashboardsLogin
          ? [{ at: '/kiali-override-secrets/grafana-password', ...dashboardsLogin.password, as: 'value.txt' }]
          : []),
      ],
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': `${kialiPorts.metrics}` },
      startup: { ...health, delay: 30, period: 10, failures: 6 },
      readiness: health,
      liveness: health,
      resources: props.resources ?? { cpu: '10m', memory: '64Mi', memoryLimit: '1Gi' },
      // Whoever logs in by a token writes with the rights of that token: only for the anonymous Kiali writes with its own.
      access: viewOnly || strategy === 'token' ? readRights : writeRights,
    });
    this.page = {
      name: 'kiali',
      endpoint: this.workload.service.endpoint('http', 'http', kialiPath),
      path: kialiPath,
      sidecar: 'never',
    };
    props.dashboards?.linkTo?.(this.page);
  }
}

const readRights = rights([]);
const writeRights = rights(['create', 'delete', 'patch']);

/** What Kiali's server asks of the API server (Kiali 2.29). */
function rights(write: readonly ('create' | 'delete' | 'patch')[]): AccessRule[] {
  const read = ['get', 'list', 'watch'];
  const patch = write.filter((verb) => verb === 'patch');
  return [
    { apiGroups: [''], resources: ['configmaps', 'endpoints', 'pods/log'], verbs: read },
    { apiGroups: [''], resources: ['namespaces', 'pods', 'replicationcontrollers', 'services'], verbs: [...read, ...patch] },
    // It asks proxies and istiod for their state through a port forward, even when it only shows.
    { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create'] },
    {
      apiGroups: ['apps'],
      resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
      verbs: [...read, ...patch],
    },
    { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: [...read, ...patch] },
    {
      apiGroups: [
        'networking.istio.io',
        'security.istio.io',
        'extensions.istio.io',
        'telemetry.istio.io',
        'gateway.networking.k8s.io',
        'inference.networking.k8s.io',
      ],
      resources: ['*'],
      verbs: [...read, ...write],
    },
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    { apiGroups: ['admissionregistration.k8s.io'], resources: ['mutatingwebhookconfigurations'], verbs: read },
  ];
}
