import { describe, expect, it } from 'vitest';
import { Endpoint, type TraceSink } from '../constructs/kit/index.ts';
import { Collector, type CollectorProps, existingSink } from '../constructs/tracing/index.ts';
import { layer } from './support/synth.ts';

const external = <P extends string>(protocol: P, host: string, port: number) => Endpoint.external({ protocol, host, port });
const tempo = existingSink({ 'otlp-grpc': external('otlp-grpc', 'tempo.tempo.svc.cluster.local', 4317) });
const oap = existingSink({ skywalking: external('skywalking', 'oap.sky.svc.cluster.local', 11800) });
const errors = { tail: [{ keep: 'errors' }] } as const;

const attribute = (value: string) => ({ keep: 'attribute', key: 'app', values: [value] }) as const;

function refusal(props: Partial<CollectorProps>): string {
  try {
    new Collector(layer(), 'c', { exportTo: [tempo], ...props });
  } catch (e) {
    return e instanceof Error && e.name === 'UserError' ? e.message : `not for users: ${e}`;
  }
  return 'nothing was refused';
}

const refusals: readonly (readonly [what: string, props: Partial<CollectorProps>, said: string])[] = [
  // What types refuse already, from a program in JavaScript.
  ['no sink', { exportTo: [] as unknown as CollectorProps['exportTo'] }, "exportTo of 'layer/c' is empty"],
  [
    'a sink of another kind',
    { exportTo: [oap as unknown as TraceSink<'otlp-grpc'>] },
    'takes skywalking, a collector sends otlp-grpc',
  ],
  ['the same sink twice', { exportTo: [tempo, tempo] }, 'names http://tempo.tempo.svc.cluster.local:4317 (otlp-grpc) twice'],
  ['no protocol', { receive: [] }, "receive of 'layer/c' is empty"],
  ['a protocol twice', { receive: ['zipkin', 'zipkin'] }, 'names zipkin twice'],
  ['a name that is none', { name: 'Otel' }, 'name of collector \'layer/c\' is "Otel"'],
  [
    'a name of which the operator makes shorter ones',
    { name: 'c'.repeat(43), runAs: 'operator' },
    `name of a Service that the operator makes for 'layer/c' is "${'c'.repeat(43)}-collector-monitoring"`,
  ],
  ['a tail that keeps nothing', { sampling: { tail: [] as unknown as (typeof errors)['tail'] } }, 'name at least one policy'],
  [
    'an attribute twice',
    { sampling: { tail: [attribute('shop'), attribute('cart')] } },
    "has the policy 'attribute-app' twice: say it once, the values of one attribute in one list",
  ],
  ['an image without a fixed tag, by the operator too', { version: 'latest', runAs: 'operator' }, 'is not pinned'],
  [
    'more memory than its limit, by the operator too',
    { resources: { cpu: '1', memory: '1Gi', memoryLimit: '512Mi' }, runAs: 'operator' },
    "resources of 'layer/c' request 1Gi of memory and limit it to 512Mi",
  ],
  ['half a pod', { replicas: 0.5 }, "replicas of 'layer/c' is 0.5"],
  ['no balancer', { loadBalancing: { replicas: 0 } }, "loadBalancing.replicas of 'layer/c' is 0"],
  ['sampling that sees half a trace', { replicas: 2, sampling: errors }, 'tail sampling, which must see all spans of a trace'],
  ['a graph that sees half a trace', { replicas: 2, serviceGraph: {} }, 'a service graph, which must see all spans'],
  ['metrics from nowhere', { metricsTo: { acceptRemoteWrite: () => external('http', 'p', 1) } }, 'has nothing to write'],
  ['buckets that fall', { spanMetrics: { buckets: [5, 5] } }, 'buckets of spanMetrics'],
  ['no buckets', { serviceGraph: { buckets: [] } }, 'buckets of serviceGraph'],
  ['no wait for the other half', { serviceGraph: { waitSeconds: 0 } }, 'waitSeconds of serviceGraph'],
  ['no time to decide', { sampling: errors, decisionWaitSeconds: 0 }, "decisionWaitSeconds of 'layer/c' is 0"],
  ['a wait without sampling', { decisionWaitSeconds: 5 }, 'has nothing to decide'],
  ['a policy twice', { sampling: { tail: [{ keep: 'errors' }, { keep: 'errors' }] } }, "the policy 'errors' twice"],
  ['a share of nothing', { sampling: { tail: [{ keep: 'share', percent: 0 }] } }, 'a share of 0 percent'],
  ['a share beyond all', { sampling: { tail: [{ keep: 'share', percent: 101 }] } }, 'a share of 101 percent'],
  ['negative latency', { sampling: { tail: [{ keep: 'slower-than', milliseconds: -1 }] } }, 'slower than -1 ms'],
  ['no spans', { sampling: { tail: [{ keep: 'spans-per-second', limit: 0 }] } }, '0 spans per second'],
  ['an attribute without value', { sampling: { tail: [{ keep: 'attribute', key: 'a', values: [] }] } }, 'by attribute "a"'],
  ['a limit that is no quantity', { resources: { cpu: '1', memory: '1Gi', memoryLimit: '1 GB' } }, 'memoryLimit'],
  ['too little memory', { resources: { cpu: '1', memory: '1Mi', memoryLimit: '32Mi' } }, 'of 64Mi or more'],
  [
    'a distribution without the component',
    { distribution: 'core', sampling: errors },
    "distribution 'core' of 'layer/c' has no processor 'tail_sampling', it is in k8s and contrib",
  ],
  ['an own build without its image', { distribution: 'own' }, 'say which image'],
  [
    'an unknown component',
    { extra: { processors: { fancy: {} } } },
    "processor 'fancy' of 'layer/c' is in no released collector",
  ],
  [
    'a removed component',
    { extra: { exporters: { logging: {} } } },
    "exporter 'logging' of 'layer/c' is gone since collector 0.111.0: use the debug exporter",
  ],
  [
    'a pipeline of nobody',
    { extra: { pipelines: { logs: { receivers: ['loki'], exporters: ['debug'] } } } },
    "pipeline 'logs' of 'layer/c' names the receiver 'loki', which is not declared: declared are otlp",
  ],
  ['a pipeline to nowhere', { extra: { pipelines: { 'traces/b': { receivers: ['otlp'], exporters: [] } } } }, 'has no exporters'],
  [
    'half a connector',
    { extra: { connectors: { count: {} } } },
    "connector 'count' of 'layer/c' must be an exporter of one pipeline",
  ],
];

describe('a Collector refuses', () => {
  it.each(refusals)('%s', (_, props, said) => expect(refusal(props)).toContain(said));

  it('nothing of a build of your own, or of a release that still had the component', () => {
    expect(refusal({ distribution: 'own', image: 'own.example/otel', extra: { processors: { fancy: {} } } })).toBe(
      'nothing was refused',
    );
    expect(refusal({ version: '0.100.0', extra: { exporters: { logging: {} } } })).toBe('nothing was refused');
  });
});
