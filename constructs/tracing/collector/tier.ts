import type { ApiObject } from 'cdk8s';
import { isOlder } from '../../kit/collector-components.ts';
import { type AccessRule, type Endpoint, type EnvValue, type Mount, type ScrapeJob, UserError } from '../../kit/index.ts';
import { type CollectorConfig, componentsOf, spelledFor } from './config.ts';
import { type CollectorImage, collectorImage } from './distribution.ts';
import { exporters } from './exporters.ts';
import { logStages } from './logs.ts';
import { goMemoryLimit } from './memory.ts';
import type { CollectorProps, CollectorResources } from './options.ts';
import { collectorConfig, type Stages } from './pipeline.ts';
import {
  kubernetesAttributes,
  kubernetesRights,
  memoryLimiter,
  resourceAttributes,
  spanFilter,
  spanTransform,
} from './processors.ts';
import { type CollectorReceives, receivers } from './receivers.ts';
import { metricConnectors, metricsExporter } from './span-metrics.ts';
import { tailSampling } from './tail-sampling.ts';

/** One set of equal pods, told without saying who makes them. */
export interface Tier {
  readonly name: string;
  readonly config: CollectorConfig;
  readonly image: CollectorImage;
  readonly receive: readonly CollectorReceives[];
  readonly replicas: number;
  readonly resources: CollectorResources;
  readonly env: Readonly<Record<string, EnvValue>>;
  readonly mounts: readonly Mount[];
  readonly access: readonly AccessRule[];
  readonly sidecar: 'never' | 'always';
  /** Whether metrics made from spans are scraped here. */
  readonly scrapesSpans: boolean;
  /** Whether senders choose the pod: its Service then leads to all of them. */
  readonly headless: boolean;
}

/** A tier with objects. */
export interface RunningTier {
  /** The Deployment or the OpenTelemetryCollector, for JSON patches. */
  readonly object: ApiObject;
  readonly jobs: readonly ScrapeJob[];
  receiver<P extends CollectorReceives>(protocol: P): Endpoint<P>;
  /** A name that leads to every pod. */
  readonly everyPod: Endpoint<'otlp-grpc'>;
}

/** Which part of the work a tier does. */
type Part =
  | { readonly does: 'all' }
  | { readonly does: 'process' }
  | { readonly does: 'balance'; readonly behind: Endpoint<'otlp-grpc'> };

/**
 * Plans a tier: its configuration, its image, its rights.
 *
 * Order of the steps: the memory limiter first; what the sender's address tells, while the connection is at hand; what drops spans
 * before work is spent on them; what changes them, so that sampling, metrics and backends see the same; sampling of whole traces; the
 * batch last, so that it holds only what is sent.
 */
export function planTier(props: CollectorProps, part: Part, name: string, where: string): Tier {
  const { extra = {}, loadBalancing = {}, resources = usualResources } = props;
  const balances = part.does === 'balance';
  const sinks = balances
    ? { components: balancer(part.behind, loadBalancing.resolver), env: {}, mounts: [] }
    : exporters(props.exportTo, where);
  const metrics = balances ? undefined : spanMetricsOf(props, where);
  const receive: readonly CollectorReceives[] = part.does === 'process' ? ['otlp-grpc'] : (props.receive ?? usualProtocols);
  const { logsTo } = props;
  const stages: Stages = {
    signal: 'traces',
    receivers: receivers(receive),
    before: {
      memory_limiter: memoryLimiter,
      ...(part.does === 'process' ? {} : atTheDoor(props)),
      ...(balances ? {} : changes(props)),
    },
    sampling: balances ? {} : samplingOf(props, where),
    after: balances ? {} : { batch: {} },
    exporters: { ...sinks.components, ...(props.debug && !balances ? { debug: { verbosity: props.debug } } : {}) },
    connectors: metrics?.connectors ?? {},
    metricsExporters: metrics?.exporter.components ?? {},
    logs: logsTo && part.does !== 'process' ? logStages({ ...props, logsTo }, sinks.components, where) : undefined,
  };
  const written = collectorConfig(stages, extraOf(extra, part.does), where);
  const image = collectorImage(componentsOf(written), props, where);
  return {
    name,
    config: spelledFor(image.version, written),
    image,
    receive,
    replicas: balances ? (loadBalancing.replicas ?? 2) : (props.replicas ?? 1),
    resources,
    env: { GOMEMLIMIT: goMemoryLimit(resources.memoryLimit, where), ...sinks.env, ...metrics?.exporter.env, ...props.env },
    mounts: sinks.mounts,
    access: [
      ...(part.does !== 'process' && props.k8sAttributes ? kubernetesRights(props.k8sAttributes) : []),
      ...(balances && loadBalancing.resolver === 'k8s' ? [endpointsRight(image.version)] : []),
    ],
    sidecar: props.sidecar ?? 'never',
    scrapesSpans: metrics !== undefined && props.metricsTo === undefined,
    headless: part.does === 'process',
  };
}

export const usualProtocols: readonly CollectorReceives[] = ['otlp-grpc', 'otlp-http'];

export const usualResources: CollectorResources = { cpu: '50m', memory: '128Mi', memoryLimit: '512Mi' };

/** The resolver reads EndpointSlices since collector 0.140, and before that Endpoints. */
function endpointsRight(version: string): AccessRule {
  const verbs = ['get', 'list', 'watch'];
  return isOlder(version, '0.140.0')
    ? { apiGroups: [''], resources: ['endpoints'], verbs }
    : { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs };
}

function atTheDoor({ k8sAttributes, filter }: CollectorProps) {
  return {
    ...(k8sAttributes ? { k8s_attributes: kubernetesAttributes(k8sAttributes) } : {}),
    ...(filter?.length ? { filter: spanFilter(filter) } : {}),
  };
}

function changes({ resource, transform }: CollectorProps) {
  return {
    ...(resource && Object.keys(resource).length > 0 ? { resource: resourceAttributes(resource) } : {}),
    ...(transform?.length ? { transform: spanTransform(transform) } : {}),
  };
}

function samplingOf({ sampling, decisionWaitSeconds = 30 }: CollectorProps, where: string) {
  return sampling?.tail ? { tail_sampling: tailSampling(sampling.tail, decisionWaitSeconds, where) } : {};
}

function spanMetricsOf({ spanMetrics, serviceGraph, metricsTo }: CollectorProps, where: string) {
  if (!spanMetrics && !serviceGraph) {
    if (metricsTo) throw new UserError(`metricsTo of '${where}' has nothing to write: add spanMetrics or serviceGraph`);
    return undefined;
  }
  return {
    connectors: metricConnectors({ spanMetrics, serviceGraph }, where),
    exporter: metricsExporter(metricsTo?.acceptRemoteWrite(), spanMetrics?.exemplars ?? false),
  };
}

/** All spans of a trace to one pod (contrib 0.159, load_balancing). */
function balancer(behind: Endpoint<'otlp-grpc'>, resolver: 'dns' | 'k8s' = 'dns') {
  const { service, host, port } = behind;
  const found =
    resolver === 'k8s' && service
      ? { k8s: { service: `${service.name}.${service.namespace}`, ports: [port] } }
      : { dns: { hostname: host, port: `${port}` } };
  return { load_balancing: { routing_key: 'traceID', protocol: { otlp: { tls: { insecure: true } } }, resolver: found } };
}

/** Extra receivers and extensions stand at the front, all else where spans are worked on; extensions in both. */
function extraOf(extra: NonNullable<CollectorProps['extra']>, does: Part['does']) {
  if (does === 'all') return extra;
  const { receivers: sources, extensions = {}, ...work } = extra;
  if (does === 'process') return { extensions, ...work };
  return sources ? { extensions, receivers: sources } : { extensions };
}
