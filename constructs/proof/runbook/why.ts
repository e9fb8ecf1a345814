import type { Hop } from '../model/spans/hops.ts';
import type { Program } from '../model/spans/programs.ts';
import { authority, deployName, type RunbookFacts } from './facts.ts';
import { code } from './markdown.ts';
import { headerSetOf } from './tracer.ts';

/** One place on the way of a span. */
export type WhyPlace = 'sampled' | 'members' | 'told' | 'sent' | 'collector' | 'backend' | 'whole';

interface Step {
  readonly place: WhyPlace;
  readonly question: string;
  readonly commands: readonly string[];
  /** What to see when all is well, and what it means when it is not. */
  readonly answer: string;
}

/** The section that follows the way of a span, from the request to the page, and asks at each place whether it is still there. */
export function whySection(facts: RunbookFacts): string {
  const steps = stepsOf(facts);
  if (steps.length === 0) return '';
  const sections = steps.map(({ question, commands, answer }, i) =>
    [`### ${i + 1}. ${question}`, ...(commands.length > 0 ? [code(commands)] : []), answer].join('\n\n'),
  );
  return [
    `## ${WHY}`,
    'Follow the span. The first answer that is not as told here is the place to mend. Before anything else: `npx meshwright check` on the manifests that are really applied finds most of it without a cluster.',
    ...sections,
  ].join('\n\n');
}

const WHY = 'Why do I see no trace?';

/** Where the section asks about a place: its title and the step's; undefined when nothing is traced. */
export function whyAt(facts: RunbookFacts, place: WhyPlace): string | undefined {
  const steps = stepsOf(facts);
  const i = steps.findIndex((step) => step.place === place);
  const step = steps[i];
  return step && `"${WHY}", ${i + 1}. ${step.question.replaceAll('`', '')}`;
}

function stepsOf(facts: RunbookFacts): readonly Step[] {
  const { first } = facts;
  if (!first) return [];
  return [
    sampled(facts),
    injected(facts),
    told(facts, first),
    sent(facts, first),
    ...facts.collectors.map((program) => passedOn(program)),
    ...facts.backends.flatMap((program) => arrived(program) ?? []),
    wholeTrace(first),
  ];
}

function sampled({ sampling, rootNamespace, first }: RunbookFacts): Step {
  return first?.from.is === 'tracer'
    ? {
        place: 'sampled',
        question: 'Is the request sampled?',
        commands: [
          `kubectl -n ${rootNamespace} get configmap istio -o jsonpath='{.data.mesh}' | grep -A5 'tracing:'`,
          'kubectl get telemetry -A',
        ],
        answer: `${sampling} % of the requests are traced, as \`defaultConfig.tracing\` says. A Telemetry with a tracing entry, in any namespace that applies, switches this old way off.`,
      }
    : {
        place: 'sampled',
        question: 'Is the request sampled?',
        commands: ['kubectl get telemetry -A -o yaml | grep -E "name:|namespace:|randomSamplingPercentage|disableSpanReporting"'],
        answer: `Mesh-wide it is ${sampling} %. A Telemetry of the namespace or workload that says another share, or \`disableSpanReporting\`, wins over the mesh's. A request that comes with a trace of its own keeps the decision it came with.`,
      };
}

function injected(facts: RunbookFacts): Step {
  const { app, rootNamespace } = facts;
  const namespace = app?.service.namespace ?? 'NAMESPACE';
  if (app?.dataplane === 'ambient') return captured(facts, namespace);
  return {
    place: 'members',
    question: 'Do the pods have a proxy?',
    commands: [
      `kubectl -n ${namespace} get pods`,
      `kubectl get namespace ${namespace} --show-labels`,
      `kubectl -n ${rootNamespace} get pods -l app=istiod`,
    ],
    answer: `Every pod is \`2/2\` ready: the app and \`istio-proxy\`. A pod that was made before the namespace was enrolled, or before istiod was ready, has none: \`kubectl -n ${namespace} rollout restart deployment\`.`,
  };
}

/** In ambient mode a pod has no proxy of its own: ztunnel takes its connections, and the waypoint its requests. */
function captured({ app, rootNamespace, model }: RunbookFacts, namespace: string): Step {
  const ztunnel = model.workloads.find(({ labels }) => labels.get('app') === 'ztunnel')?.namespace ?? rootNamespace;
  const waypoint = app?.waypoint;
  return {
    place: 'members',
    question: 'Are the pods in the mesh, and is there a waypoint?',
    commands: [
      `kubectl get namespace ${namespace} --show-labels`,
      `kubectl -n ${ztunnel} get pods -l app=ztunnel -o wide`,
      `istioctl ztunnel-config workloads --workload-namespace ${namespace}`,
      ...(waypoint
        ? [
            `istioctl ztunnel-config services --service-namespace ${namespace}`,
            `kubectl -n ${waypoint.namespace} get gateways.gateway.networking.k8s.io ${waypoint.name}`,
          ]
        : []),
    ],
    answer: `Pods stay \`1/1\`: there is no \`istio-proxy\` to look for. Every pod's PROTOCOL is \`HBONE\`; \`TCP\` means that ztunnel does not take its traffic: the namespace is not labelled \`istio.io/dataplane-mode=ambient\`, or no ztunnel runs on its node. ${
      waypoint
        ? `Every Service's WAYPOINT is \`${waypoint.name}\`, and the Gateway is PROGRAMMED; else nobody makes spans for it.`
        : 'The namespace has no waypoint, so only the gateway makes spans: calls between its pods leave none.'
    }`,
  };
}

function told({ proxies, app }: RunbookFacts, first: Hop): Step {
  if (first.from.is === 'tracer') {
    return {
      place: 'told',
      question: 'Was the proxy told where to send?',
      commands: proxies.map(
        (one) => `istioctl proxy-config bootstrap ${one.target} -n ${one.namespace} -o json | grep -A12 '"tracing"'`,
      ),
      answer: `The bootstrap names the collector cluster \`zipkin\` and the address \`${first.host}:${first.port}\`. A pod older than the setting has the old bootstrap: restart it.`,
    };
  }
  return {
    place: 'told',
    question: 'Was the proxy told where to send?',
    commands: proxies.flatMap((one) => [
      `istioctl proxy-config listeners ${one.target} -n ${one.namespace} -o json | grep -A25 '"tracing"' | head -40`,
      `istioctl proxy-config endpoints ${one.target} -n ${one.namespace} --cluster '${clusterOf(first)}'`,
    ]),
    answer: `The first shows a tracer with that cluster and the share of requests; nothing means the provider does not resolve (istiod's log: \`could not find cluster for tracing provider\`), or a Telemetry without a provider switched tracing off. The second lists a HEALTHY endpoint; nothing means the receiving pods are not ready${app?.dataplane === 'ambient' ? '' : ', or a Sidecar resource hides the Service'}.${several(proxies)}`,
  };
}

function sent({ proxies }: RunbookFacts, first: Hop): Step {
  const cluster = first.from.is === 'tracer' ? 'zipkin' : clusterOf(first);
  return {
    place: 'sent',
    question: 'Does the proxy send, and is it answered?',
    commands: proxies.map(
      (one) =>
        `kubectl -n ${one.namespace} exec ${one.target} -c istio-proxy -- pilot-agent request GET clusters | grep -F '${cluster}' | grep -E 'rq_(total|success|error)'`,
    ),
    answer: `\`rq_success\` grows with the requests. \`rq_error\` grows instead: the port speaks another protocol (a gRPC port needs \`appProtocol: grpc\`), or mutual TLS is refused or expected where there is no proxy. Nothing grows: no request was sampled.`,
  };
}

function clusterOf(first: Hop): string {
  return `outbound|${first.port}||${authority(first).split(':')[0]}`;
}

function several(proxies: RunbookFacts['proxies']): string {
  return proxies.length > 1 ? ' The same is asked of the waypoint and of the gateway: both make spans.' : '';
}

function passedOn(program: Program): Step {
  const name = deployName(program);
  return {
    place: 'collector',
    question: `Does the collector \`${program.name}\` take spans, and pass them on?`,
    commands: [
      `kubectl -n ${program.namespace} port-forward ${name} 8888 &`,
      `curl -s localhost:8888/metrics | grep -E '^otelcol_(receiver_(accepted|refused)|processor_(dropped|refused)|exporter_(sent|send_failed|enqueue_failed))_spans'`,
      `kubectl -n ${program.namespace} logs ${name} --tail=50`,
    ],
    answer:
      'Accepted and sent grow together. Only accepted grows: the exporter fails, and the log says why. Refused grows: the memory limit is reached. Accepted does not grow: the spans come to another port, or not at all. With tail sampling, traces that no policy keeps end here on purpose.',
  };
}

function arrived(program: Program): Step | undefined {
  const name = deployName(program);
  const metrics = {
    jaeger: { port: 8888, of: 'otelcol_receiver_(accepted|refused)_spans' },
    tempo: { port: 3200, of: 'tempo_distributor_spans_received_total|tempo_discarded_spans_total' },
    zipkin: { port: 9411, of: 'zipkin_collector_(spans|messages)' },
    skywalking: { port: 1234, of: '(trace_in_latency|mesh_analysis|spans_dropped)' },
  };
  if (program.is === 'collector') return undefined;
  const { port, of } = metrics[program.is];
  const path = program.is === 'zipkin' ? '/prometheus' : '/metrics';
  return {
    place: 'backend',
    question: `Does ${program.is} \`${program.name}\` keep them?`,
    commands: [
      `kubectl -n ${program.namespace} port-forward ${name} ${port} &`,
      `curl -s localhost:${port}${path} | grep -E '${of}' | grep -v '^#'`,
      `kubectl -n ${program.namespace} get pods && kubectl -n ${program.namespace} logs ${name} --tail=50`,
    ],
    answer:
      'The count of received spans grows. If it grows and nothing is found, look at the time range of the search and at when the pod last started: what is kept in memory goes with the pod.',
  };
}

function wholeTrace(first: Hop): Step {
  const provider = headerSetOf(first);
  return {
    place: 'whole',
    question: 'There are traces, but each of one hop only?',
    commands: [
      `npx meshwright headers --provider ${provider}`,
      `npx meshwright headers check http://APP/PATH --echo 9000 --provider ${provider}`,
    ],
    answer:
      'The apps do not forward the trace headers. The first command prints which ones they must copy from the request they got to the requests they make; the second calls a running app, one whose upstream is set to `http://127.0.0.1:9000`, and tells what it drops.',
  };
}
