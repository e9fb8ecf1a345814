import { createHash } from 'node:crypto';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Exposed, MeshLike } from '../kit/capabilities.ts';
import { checkDnsLabel, checkLabels, namespaceOf } from '../kit/layer.ts';
import { type PodProps, podTemplate } from '../kit/pod.ts';
import { UserError } from '../kit/user-error.ts';

/** What knows how many traces a number of requests leaves: a mesh. */
export type Sampled = Pick<MeshLike, 'samplingPercent'>;

/** The annotation of the Job that says how many traces its requests leave. */
const tracesAnnotation = 'meshwright.dev/expected-traces';

/** What {@link requestsJob} needs to know. */
interface RequestsJob {
  /** The `app` label, the ServiceAccount's name, and the beginning of the Job's. */
  readonly name: string;
  readonly version: string;
  /** What the Job sends, in a word: the middle of its name. */
  readonly sends: string;
  readonly pod: PodProps;
  /** How many requests leave how many traces, for people. */
  readonly traces: string | undefined;
}

/**
 * A Job `NAME-SENDS-HASH` that sends requests and ends, with its ServiceAccount; gives back its name.
 *
 * @throws UserError when the name makes no DNS label, or the version no label
 */
export function requestsJob(scope: Construct, { name, version, sends, pod, traces }: RequestsJob): string {
  const metadata = { namespace: namespaceOf(scope), labels: { app: name } };
  const labels = { app: name, version, 'app.kubernetes.io/name': name, 'app.kubernetes.io/version': version };
  const template = podTemplate(pod, {
    path: scope.node.path,
    name,
    labels,
    serviceAccount: name,
    token: false,
    restartPolicy: 'Never',
  });
  // A Job's pods cannot be changed: whatever changes in them makes another Job.
  const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 8);
  const jobName = `${name}-${sends}-${hash}`;
  checkLabels({ version }, `job of '${scope.node.path}'`);
  checkDnsLabel(jobName, `name of the job of '${scope.node.path}'`);
  new k8s.KubeServiceAccount(scope, 'account', { metadata: { ...metadata, name }, automountServiceAccountToken: false });
  new k8s.KubeJob(scope, 'job', {
    metadata: { ...metadata, name: jobName, ...(traces ? { annotations: { [tracesAnnotation]: traces } } : {}) },
    spec: {
      // The gateway may still be starting: the pauses between tries add up to ten minutes.
      backoffLimit: 6,
      // No ttlSecondsAfterFinished: what GitOps finds deleted it applies again, and the requests would never end.
      template,
    },
  });
  return jobName;
}

/**
 * How many of so many requests leave a trace, on average.
 *
 * @throws UserError when the mesh samples what is no percentage
 */
export function expectedTraces(requests: number, mesh: Sampled, where: string): number {
  const { samplingPercent: percent = 0 } = mesh;
  if (!(percent >= 0 && percent <= 100))
    throw new UserError(`samplingPercent of the mesh of '${where}' is ${percent}: allowed is 0 to 100`);
  return (requests * percent) / 100;
}

/** The same, for people. */
export function describeTraces(requests: number, { samplingPercent: percent }: Sampled): string {
  if (percent === undefined) return `none of ${requests} requests: the mesh sends no spans`;
  // Sampling draws lots: the figure is exact at 0 and 100 % only.
  const about = percent > 0 && percent < 100 ? 'about ' : '';
  return `${about}${Number(((requests * percent) / 100).toFixed(2))} of ${requests} requests at ${percent} %`;
}

/**
 * The host to ask a published page by. A wildcard is no name to ask for: one that it matches stands for it; '' where any will do.
 *
 * @throws UserError when plain requests get no more than a redirect to https
 */
export function hostToAsk({ host, entry, page }: Exposed, where: string): string {
  if (entry.tls) {
    throw new UserError(
      `'${where}' asks page '${page.name}' at '${host}' by plain HTTP, which is redirected to https: publish it with tls: { redirect: 'off' }, or ask a way in without tls`,
    );
  }
  return host === '*' ? '' : host.replace('*', 'any');
}
