import { Construct } from 'constructs';
import type { Exposed } from '../kit/capabilities.ts';
import { checkDnsLabel } from '../kit/layer.ts';
import type { PodProps } from '../kit/pod.ts';
import { UserError } from '../kit/user-error.ts';
import { repositories, versions } from '../kit/versions.ts';
import { Workload } from '../kit/workload.ts';
import { describeTraces, expectedTraces, hostToAsk, requestsJob, type Sampled } from './requests-job.ts';
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
      readonly mesh?: Sampled;
      readonly everySeconds?: never;
    }
);

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

  /** @throws UserError when a number is out of its range, a name is no DNS label, or the page redirects plain requests to https */
  constructor(scope: Construct, id: string, props: TrafficGeneratorProps) {
    super(scope, id);
    const { to, name = id, version = versions.curl } = props;
    checkDnsLabel(name, `name of traffic generator '${this.node.path}'`);
    const url = `${to.entry.url}${to.page.path}`;
    const host = hostToAsk(to, this.node.path);
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
    this.expectedTraces = mesh && expectedTraces(requests, mesh, this.node.path);
    this.name = requestsJob(this, {
      name,
      version,
      sends: String(requests),
      pod: pod(numberOfRequests, requests),
      traces: mesh && describeTraces(requests, mesh),
    });
  }
}
