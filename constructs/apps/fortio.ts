import { Construct } from 'constructs';
import type { Exposed } from '../kit/capabilities.ts';
import type { Destination } from '../kit/destination.ts';
import { checkDnsLabel } from '../kit/layer.ts';
import type { PodProps } from '../kit/pod.ts';
import { UserError } from '../kit/user-error.ts';
import { repositories, versions } from '../kit/versions.ts';
import { describeTraces, expectedTraces, hostToAsk, requestsJob, type Sampled } from './requests-job.ts';

/** How much is sent: one request; or so many a second, for a time or up to a number. */
export type FortioLoad =
  | {
      readonly once: true;
      readonly qps?: never;
      readonly seconds?: never;
      readonly requests?: never;
      readonly connections?: never;
    }
  | ({
      /** Requests a second over all connections, above 0; `max` sends each as soon as the one before is answered. */
      readonly qps: number | 'max';
      /** How many requests are under way at once, 1 to 1000. @default 4, or fewer where the requests are few */
      readonly connections?: number;
      readonly once?: never;
    } & (
      | { /** How long. A whole number from 1. */ readonly seconds: number; readonly requests?: never }
      | { /** How many requests. A whole number from 2. */ readonly requests: number; readonly seconds?: never }
    ));

/** Options of {@link Fortio}. */
export type FortioProps = {
  /**
   * Whom to ask. You can pass:
   * - a published page, what an exposure's `publish` gave back: asked at its gateway, by its host, from outside the mesh;
   * - a destination, such as `bookinfo.productpage` or `workload.service`: asked by its own name, as another app of the mesh would.
   */
  readonly to: Exposed | Destination;
  /** The destination's port, by name or number. @default its only port of HTTP */
  readonly port?: string | number;
  /** What to ask for. @default where the page begins; '/' of a destination */
  readonly path?: string;
  /** The beginning of the Job's name, and its `app` label. A DNS label. @default the construct's id */
  readonly name?: string;
  /** The image's tag. @default the catalog's */
  readonly version?: string;
  /** Tells how many traces to expect: the mesh, or `{ samplingPercent: 1 }` for one that is not part of the program. */
  readonly mesh?: Sampled;
  /**
   * Whether the Job's pod gets a sidecar. It asks for a native one, which ends with the requests (Istio 1.30 on Kubernetes 1.29 or later);
   * where there are none, the sidecar stays and the Job never ends: say `never`.
   *
   * @default 'never' to a published page, by the namespace's enrolment to a destination
   */
  readonly sidecar?: 'never' | 'always';
} & FortioLoad;

/**
 * Istio's load generator: a Job `NAME-LOAD-HASH` that sends requests, prints how long they took and which codes came, and ends.
 *
 * Failed requests are counted and do not fail the Job, so that faults and full circuit breakers can be looked at; only a host that has no
 * address does. `once` prints the answer, and is tried again until the status is 200. Each request may take 30 seconds.
 */
export class Fortio extends Construct {
  /** The Job's name. */
  readonly name: string;
  /** How many requests are sent, with the one that warms each connection up; undefined for a time at `max`: nobody knows. */
  readonly requests: number | undefined;
  /** How many traces the mesh's sampling leaves of them, on average; undefined without `mesh`, or when nobody knows the requests. */
  readonly expectedTraces: number | undefined;

  /**
   * @throws UserError when a number is out of its range, the destination has no such port, a name is no DNS label, or the page redirects
   * plain requests to https
   */
  constructor(scope: Construct, id: string, props: FortioProps) {
    super(scope, id);
    const { to, mesh, name = id, version = versions.fortio } = props;
    const where = this.node.path;
    checkDnsLabel(name, `name of fortio '${where}'`);
    const load = loadOf(props, where);
    const target = 'entry' in to ? pageTarget(to, props, where) : destinationTarget(to, props, where);
    const { sidecar = 'entry' in to ? 'never' : undefined } = props;
    const pod: PodProps = {
      image: `${repositories.fortio}:${version}`,
      // The image holds one program and no user; whoever runs it, it only reads.
      user: 1000,
      args: ['load', ...load.args, '-timeout', '30s', ...(target.host ? ['-H', `Host: ${target.host}`] : []), target.url],
      ...(sidecar ? { sidecar } : {}),
      ...(sidecar === 'never' ? {} : { podAnnotations: { 'sidecar.istio.io/nativeSidecar': 'true' } }),
    };
    this.requests = load.requests;
    this.expectedTraces = mesh && load.requests !== undefined ? expectedTraces(load.requests, mesh, where) : undefined;
    const traces = mesh && load.requests !== undefined ? describeTraces(load.requests, mesh) : undefined;
    this.name = requestsJob(this, { name, version, sends: load.name, pod, traces });
  }
}

interface Load {
  /** Part of the Job's name. */
  readonly name: string;
  readonly args: readonly string[];
  readonly requests: number | undefined;
}

// Fortio 1.75: fhttp/httprunner.go and periodic/periodic.go.
function loadOf(load: FortioLoad, where: string): Load {
  if (load.once) return { name: 'once', args: ['-curl'], requests: 1 };
  const { qps, seconds, requests } = load;
  if (qps !== 'max' && !(qps > 0 && qps <= 1_000_000)) {
    throw new UserError(`qps of '${where}' is ${qps}: allowed is a number above 0, 1000000 at most, or 'max'`);
  }
  if (seconds !== undefined) checkWhole(seconds, 1, 'seconds', where);
  else checkWhole(requests, 2, 'requests', where, ': for a single one say once: true');
  const total = seconds === undefined ? requests : qps === 'max' ? undefined : Math.floor(qps * seconds);
  if (total !== undefined && total < 2) {
    throw new UserError(`qps ${qps} for ${seconds} s of '${where}' make ${total} requests: allowed are 2 or more, or once: true`);
  }
  // It lowers the connections by itself, with a warning, until each sends two requests; unpaced ones need one.
  const most = Math.min(total === undefined ? 1000 : qps === 'max' ? total : Math.floor(total / 2), 1000);
  const { connections = Math.min(4, most) } = load;
  if (!Number.isInteger(connections) || connections < 1 || connections > most) {
    throw new UserError(`connections of '${where}' is ${connections}: allowed for this load is a whole number from 1 to ${most}`);
  }
  const args = ['-qps', qps === 'max' ? '0' : String(qps), '-c', String(connections)];
  if (seconds === undefined) return { name: String(requests), args: [...args, '-n', String(requests)], requests };
  return {
    name: `${seconds}s`,
    // Before the time begins each connection sends one request, which would end the run if it failed.
    args: [...args, '-t', `${seconds}s`, '-allow-initial-errors'],
    // Each connection sends the same number.
    requests: total === undefined ? undefined : total - (total % connections) + connections,
  };
}

function checkWhole(value: number, from: number, what: string, where: string, hint = ''): void {
  if (Number.isSafeInteger(value) && value >= from) return;
  throw new UserError(`${what} of '${where}' is ${value}: allowed is a whole number from ${from}${hint}`);
}

interface Target {
  readonly url: string;
  /** The Host header; '' for that of the URL. */
  readonly host: string;
}

function pageTarget(to: Exposed, { port, path = to.page.path }: Pick<FortioProps, 'port' | 'path'>, where: string): Target {
  if (port !== undefined) {
    throw new UserError(
      `'${where}' asks the published page '${to.page.name}' at its gateway's port ${to.entry.port}: leave out port`,
    );
  }
  return { url: `${to.entry.url}${checkedPath(path, where)}`, host: hostToAsk(to, where) };
}

function destinationTarget(to: Destination, { port, path = '/' }: Pick<FortioProps, 'port' | 'path'>, where: string): Target {
  const known = to.ports.map((p) => `${p.name} (${p.port}, ${p.appProtocol})`).join(', ');
  const found = to.ports.filter((p) => (port === undefined ? p.appProtocol === 'http' : p.port === port || p.name === port));
  const [one, another] = found;
  if (!one) {
    const asked = port === undefined ? 'that says appProtocol http' : JSON.stringify(port);
    throw new UserError(`${to.host}, which '${where}' asks, has no port ${asked}, it has: ${known}`);
  }
  if (another) throw new UserError(`${to.host}, which '${where}' asks, has several ports of HTTP: ${known}; say which by port`);
  return { url: `http://${to.host}:${one.port}${checkedPath(path, where)}`, host: '' };
}

function checkedPath(path: string, where: string): string {
  if (/^\/[^\s]*$/.test(path)) return path;
  throw new UserError(`path ${JSON.stringify(path)} of '${where}': allowed is text that begins with '/' and has no white space`);
}
