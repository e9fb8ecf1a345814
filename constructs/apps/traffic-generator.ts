import { createHash } from 'node:crypto';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { Exposed, MeshLike } from '../kit/capabilities.ts';
import { checkDnsLabel, namespaceOf } from '../kit/layer.ts';
import { type PodProps, podTemplate } from '../kit/pod.ts';
import { UserError } from '../kit/user-error.ts';
import { repositories, versions } from '../kit/versions.ts';
import { Workload } from '../kit/workload.ts';
import { endlessLoop, numberOfRequests } from './traffic-scripts.ts';

/** Options of a {@link TrafficGenerator}: an endless loop, or a number of requests. */
export type TrafficGeneratorProps = {
  /** The published page to ask for: what an exposure's `publish` gave back. */
  readonly to: Exposed;
  /** The name of the Deployment, and the beginning of the Job's. A DNS label. @default the construct's id */
  readonly name?: string;
  /** The curl image's tag. @default the catalog's */
  readonly version?: string;
} & (
  | {
      /** Sends for ever, with a pause of so many seconds after each request; 0.01 to 86400. */
      readonly everySeconds: number;
      readonly requests?: never;
      readonly mesh?: never;
    }
  | {
      /** Sends so many requests, one after the other, and ends. */
      readonly requests: number;
      /** Tells how many traces to expect: the mesh, or `{ samplingPercent: 1 }` for one that is not part of the program. */
      readonly mesh?: Pick<MeshLike, 'samplingPercent'>;
      readonly everySeconds?: never;
    }
);

/** The annotation of the Job that says how many traces its requests leave. */
const tracesAnnotation = 'meshwright.dev/expected-traces';

/**
 * Requests to a published page, sent as a user's browser would: from outside the mesh, to the gateway, with the page's host.
 *
 * - `everySeconds` makes a Deployment `NAME` that never stops;
 * - `requests` makes a Job `NAME-REQUESTS-HASH` that prints how many failed, and fails itself when no request succeeds.
 *
 * A request has failed when there is no answer within 10 seconds or its status is 400 or more.
 */
export class TrafficGenerator extends Construct {
  /** The name of the Deployment or the Job. */
  readonly name: string;
  /** How many traces the mesh's sampling leaves of all requests, on average; undefined for a loop or without `mesh`. */
  readonly expectedTraces: number | undefined;

  /** @throws UserError when a number is out of its range or a name is no DNS label */
  constructor(scope: Construct, id: string, props: TrafficGeneratorProps) {
    super(scope, id);
    const { to, name = id, version = versions.curl } = props;
    checkDnsLabel(name, `name of traffic generator '${this.node.path}'`);
    // A wildcard is no name to ask for: one that it matches stands for it.
    const host = to.host === '*' ? '' : to.host.replace('*', 'any');
    const url = `${to.entry.url}${to.page.path}`;
    const pod = (script: string, count: number): PodProps => ({
      image: `${repositories.curl}:${version}`,
      user: 100,
      command: ['sh', '-c', script],
      // `sh -c` calls the first argument $0. Values are arguments: text in the script could be read as a command.
      args: [name, url, host, String(count)],
      sidecar: 'never',
      // As process 1, the shell does not end on SIGTERM, and has nothing to finish.
      graceSeconds: 0,
    });

    if (props.requests === undefined) {
      const { everySeconds } = props;
      if (!(everySeconds >= 0.01 && everySeconds <= 86_400)) {
        throw new UserError(`everySeconds of '${this.node.path}' is ${everySeconds}: allowed is a number from 0.01 to 86400`);
      }
      this.name = name;
      this.expectedTraces = undefined;
      new Workload(this, 'workload', { name, version, ...pod(endlessLoop, everySeconds) });
      return;
    }

    const { requests, mesh } = props;
    if (!Number.isSafeInteger(requests) || requests < 1) {
      throw new UserError(`requests of '${this.node.path}' is ${requests}: allowed is a whole number from 1`);
    }
    this.expectedTraces = mesh && (requests * (mesh.samplingPercent ?? 0)) / 100;
    this.name = this.job(
      name,
      version,
      requests,
      pod(numberOfRequests, requests),
      mesh && tracesOf(requests, mesh.samplingPercent),
    );
  }

  private job(name: string, version: string, requests: number, pod: PodProps, traces: string | undefined): string {
    const metadata = { namespace: namespaceOf(this), labels: { app: name } };
    const labels = { app: name, version, 'app.kubernetes.io/name': name, 'app.kubernetes.io/version': version };
    const template = podTemplate(pod, {
      path: this.node.path,
      name,
      labels,
      serviceAccount: name,
      token: false,
      restartPolicy: 'Never',
    });
    // A Job's pods cannot be changed: whatever changes in them makes another Job.
    const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 8);
    const jobName = `${name}-${requests}-${hash}`;
    checkDnsLabel(jobName, `name of the job of '${this.node.path}'`);
    new k8s.KubeServiceAccount(this, 'account', { metadata: { ...metadata, name }, automountServiceAccountToken: false });
    new k8s.KubeJob(this, 'job', {
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
}

function tracesOf(requests: number, percent: number | undefined): string {
  if (percent === undefined) return `none of ${requests} requests: the mesh sends no spans`;
  // Sampling draws lots: the figure is exact at 0 and 100 % only.
  const about = percent > 0 && percent < 100 ? 'about ' : '';
  return `${about}${Number(((requests * percent) / 100).toFixed(2))} of ${requests} requests at ${percent} %`;
}
