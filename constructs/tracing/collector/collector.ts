import { isDeepStrictEqual } from 'node:util';
import type { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import {
  checkDnsLabel,
  type Endpoint,
  type MadeFromSpans,
  namespaceOf,
  type Sampling,
  type Scraped,
  type ScrapeJob,
  type TraceProtocol,
  type TraceSink,
  UserError,
  type Watched,
} from '../../kit/index.ts';
import { existingSink, type Receivers, refuse } from '../sink.ts';
import type { LogTargets } from './logs.ts';
import type { CollectorProps } from './options.ts';
import type { CollectorReceives } from './receivers.ts';
import { runResource } from './resource.ts';
import { planTier, type RunningTier } from './tier.ts';
import { runWorkload } from './workload.ts';

/**
 * An OpenTelemetry collector between the mesh and its backends: takes spans in many protocols, adds to them, drops and samples, counts,
 * and sends them on. Its configuration, image and rights follow from what it does.
 *
 * It never gets a sidecar unless told to. Its own metrics are scraped.
 *
 * @example
 * // Proxies speak zipkin, the backend OTLP.
 * const collector = new Collector(observability, 'collector', { receive: ['zipkin', 'otlp-grpc'], exportTo: [tempo] });
 * new Mesh(mesh, 'istio', { tracing: { to: collector, via: 'zipkin' } });
 */
export class Collector<const R extends CollectorReceives = 'otlp-grpc' | 'otlp-http', const L extends LogTargets = never>
  extends Construct
  implements TraceSink<R>, Scraped
{
  readonly accepts: readonly CollectorReceives[];
  /** Where its own metrics are, and those made from spans. */
  readonly scrapeJobs: readonly ScrapeJob[];
  readonly watched: readonly Watched[];
  /** Where proxies send access logs; undefined without `logsTo`, so that a mesh cannot be told to. */
  readonly logReceiver: [L] extends [never] ? undefined : Endpoint<'otlp-grpc'>;
  readonly tailSampling: Pick<Sampling, 'tail'> | undefined;
  /** The Deployments or OpenTelemetryCollectors, for JSON patches; with `loadBalancing` the front one first. */
  readonly objects: readonly ApiObject[];
  private readonly front: RunningTier;

  /**
   * @throws UserError when options contradict each other, a value is out of range, or no released collector can do what is asked
   */
  constructor(scope: Construct, id: string, props: CollectorProps<R, L>) {
    super(scope, id);
    const { runAs = 'workload', receive = ['otlp-grpc', 'otlp-http'] } = props;
    const where = this.node.path;
    checkOptions(props, receive, where);
    const run = runAs === 'operator' ? runResource : runWorkload;
    const name = props.name ?? (runAs === 'operator' ? 'otel' : 'otel-collector');
    checkDnsLabel(name, `name of collector '${where}'`);
    if (props.loadBalancing) {
      const behind = run(new Construct(this, 'sampler'), planTier(props, { does: 'process' }, `${name}-sampler`, where));
      this.front = run(this, planTier(props, { does: 'balance', behind: behind.everyPod }, name, where));
      this.objects = [this.front.object, behind.object];
      this.scrapeJobs = [...this.front.jobs, ...behind.jobs];
    } else {
      this.front = run(this, planTier(props, { does: 'all' }, name, where));
      this.objects = [this.front.object];
      this.scrapeJobs = this.front.jobs;
    }
    const tiers = props.loadBalancing ? [name, `${name}-sampler`] : [name];
    const makes: readonly MadeFromSpans[] = [
      ...(props.serviceGraph ? (['service-graph'] as const) : []),
      ...(props.spanMetrics ? (['span-metrics'] as const) : []),
    ];
    this.watched = tiers.map((tier) => ({
      is: 'collector',
      name: runAs === 'operator' ? `${tier}-collector` : tier,
      namespace: namespaceOf(this),
      // Behind a balancing tier, the last one sees whole traces.
      ...(makes.length > 0 && tier === tiers.at(-1) ? { makes } : {}),
    }));
    this.accepts = receive;
    // What the type says of L, the compiler cannot follow here.
    this.logReceiver = (props.logsTo && this.front.receiver('otlp-grpc')) as typeof this.logReceiver;
    this.tailSampling = props.sampling?.tail ? props.sampling : samplingBehind(props.exportTo);
  }

  /** A collector that runs already, by its addresses: nothing is created for it. */
  static fromExisting<P extends TraceProtocol>(receivers: Receivers<P>): TraceSink<P> {
    return existingSink(receivers);
  }

  receiver<Q extends R>(protocol: Q): Endpoint<Q> {
    if (!this.accepts.includes(protocol)) refuse(protocol, this.accepts, `collector '${this.node.path}'`);
    return this.front.receiver(protocol);
  }
}

/** What all of the sinks keep: those of several collectors that keep the same, or none. */
function samplingBehind([first, ...others]: CollectorProps['exportTo']): Pick<Sampling, 'tail'> | undefined {
  const same = others.every((sink) => isDeepStrictEqual(sink.tailSampling?.tail, first.tailSampling?.tail));
  return same ? first.tailSampling : undefined;
}

function checkOptions(props: CollectorProps, receive: readonly CollectorReceives[], where: string): void {
  const { exportTo, loadBalancing, replicas = 1, sampling, serviceGraph } = props;
  if (exportTo.length === 0) throw new UserError(`exportTo of '${where}' is empty: name one sink at least`);
  if (receive.length === 0) throw new UserError(`receive of '${where}' is empty: name one protocol at least`);
  if (props.logsTo && !receive.includes('otlp-grpc')) {
    throw new UserError(
      `logsTo of '${where}' wants otlp-grpc among what it receives: proxies send their access logs by it alone`,
    );
  }
  const twice = receive.find((protocol, i) => receive.indexOf(protocol) !== i);
  if (twice !== undefined) throw new UserError(`receive of '${where}' names ${twice} twice`);
  const counts = {
    replicas,
    ...(loadBalancing?.replicas === undefined ? {} : { 'loadBalancing.replicas': loadBalancing.replicas }),
  };
  for (const [option, count] of Object.entries(counts)) {
    if (!Number.isInteger(count) || count < 1)
      throw new UserError(`${option} of '${where}' is ${count}: allowed are whole numbers from 1`);
  }
  if (props.decisionWaitSeconds !== undefined && !sampling?.tail) {
    throw new UserError(`decisionWaitSeconds of '${where}' has nothing to decide: add sampling with a tail`);
  }
  if (replicas > 1 && !loadBalancing && (sampling?.tail || serviceGraph)) {
    throw new UserError(
      `'${where}' has ${replicas} replicas and ${sampling?.tail ? 'tail sampling' : 'a service graph'}, which must see all spans of a trace in one pod: add loadBalancing`,
    );
  }
}
