import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import {
  checkDnsLabel,
  type Endpoint,
  type LogSink,
  namespaceOf,
  type Scraped,
  type ScrapeJob,
  UserError,
  type Watched,
} from '../../kit/index.ts';
import { componentsOf, spelledFor } from './config.ts';
import { collectorImage } from './distribution.ts';
import { type LogTargets, logStages } from './logs.ts';
import { goMemoryLimit } from './memory.ts';
import type { CollectorProps } from './options.ts';
import { collectorConfig } from './pipeline.ts';
import { kubernetesRights } from './processors.ts';
import { receivers } from './receivers.ts';
import { runResource } from './resource.ts';
import { type Tier, usualProtocols, usualResources } from './tier.ts';
import { runWorkload } from './workload.ts';

/** Options of a {@link LogCollector}: those of a Collector that are not about spans. */
export interface LogCollectorProps
  extends Pick<
    CollectorProps,
    | 'runAs'
    | 'k8sAttributes'
    | 'resource'
    | 'debug'
    | 'replicas'
    | 'resources'
    | 'env'
    | 'sidecar'
    | 'distribution'
    | 'version'
    | 'image'
    | 'extra'
  > {
  /** Where logs go: Loki, other collectors; one at least. Each gets every record. */
  readonly logsTo: LogTargets;
  /** The Deployment's name, or the resource's; the operator appends `-collector`. A DNS label. @default 'logs-collector', and 'logs' for the operator */
  readonly name?: string;
}

/**
 * An OpenTelemetry collector for logs alone, by OTLP at ports 4317 and 4318: a mesh's access log on its way to Loki, where spans go
 * elsewhere.
 *
 * @example
 * const logs = new LogCollector(observability, 'logs', { logsTo: [loki] });
 * new Mesh(mesh, 'istio', { tracing: { to: jaeger }, accessLog: { to: logs } });
 */
export class LogCollector extends Construct implements LogSink<'otlp-grpc'>, Scraped {
  readonly logReceiver: Endpoint<'otlp-grpc'>;
  readonly scrapeJobs: readonly ScrapeJob[];
  readonly watched: readonly Watched[];
  /** The Deployment or the OpenTelemetryCollector, for JSON patches. */
  readonly object: ApiObject;

  /** @throws UserError when a value is out of range, a sink comes twice, or no released collector can do what is asked */
  constructor(scope: Construct, id: string, props: LogCollectorProps) {
    super(scope, id);
    const { runAs = 'workload', replicas = 1 } = props;
    const where = this.node.path;
    const name = props.name ?? (runAs === 'operator' ? 'logs' : 'logs-collector');
    checkDnsLabel(name, `name of collector '${where}'`);
    if (!Number.isInteger(replicas) || replicas < 1)
      throw new UserError(`replicas of '${where}' is ${replicas}: allowed are whole numbers from 1`);
    const run = runAs === 'operator' ? runResource : runWorkload;
    const tier = run(this, planLogTier(props, name, where));
    this.object = tier.object;
    this.scrapeJobs = tier.jobs;
    this.watched = [{ is: 'collector', name: runAs === 'operator' ? `${name}-collector` : name, namespace: namespaceOf(this) }];
    this.logReceiver = tier.receiver('otlp-grpc');
  }
}

function planLogTier(props: LogCollectorProps, name: string, where: string): Tier {
  const { extra = {}, resources = usualResources, k8sAttributes } = props;
  const logs = logStages(props, {}, where);
  const { batch = {}, ...before } = logs.processors;
  const written = collectorConfig(
    {
      signal: 'logs',
      receivers: receivers(usualProtocols),
      before,
      sampling: {},
      after: { batch },
      exporters: { ...logs.exporters, ...(props.debug ? { debug: { verbosity: props.debug } } : {}) },
      connectors: {},
      metricsExporters: {},
      logs: undefined,
    },
    extra,
    where,
  );
  const image = collectorImage(componentsOf(written), props, where);
  return {
    name,
    config: spelledFor(image.version, written),
    image,
    receive: usualProtocols,
    replicas: props.replicas ?? 1,
    resources,
    env: { GOMEMLIMIT: goMemoryLimit(resources.memoryLimit, where), ...props.env },
    mounts: [],
    access: k8sAttributes ? kubernetesRights(k8sAttributes) : [],
    sidecar: props.sidecar ?? 'never',
    scrapesSpans: false,
    headless: false,
  };
}
