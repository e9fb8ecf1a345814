import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../constructs/kit/json.ts';
import { UserError } from '../../../constructs/kit/user-error.ts';
import type { TrafficRequest } from '../../../constructs/proof/explain/types.ts';
import { at, fields, items, strings, text } from '../../../constructs/proof/json-path.ts';
import { type Cluster, list } from '../cluster.ts';
import { linesOf, run } from '../run.ts';
import type { Found } from './compare.ts';
import { type Answer, ask, type Entry, envoyRequest } from './envoy/answer.ts';
import { type EnvoyDump, readDump } from './envoy/dump.ts';
import { admits } from './envoy/rbac.ts';

/** A cluster at one moment: its Services and pods, and what istiod tells their proxies, asked once each. */
export interface Snapshot {
  readonly services: readonly JsonObject[];
  readonly pods: readonly JsonObject[];
  /** The dump of a pod's proxy. */
  dump(pod: JsonObject): Promise<EnvoyDump>;
}

/** Looks at a cluster whose istiod answers without certificates: the rig's. */
export async function snapshot(cluster: Cluster): Promise<Snapshot> {
  const [services, pods] = await Promise.all([list(cluster, ['services', '-A']), list(cluster, ['pods', '-A'])]);
  const dumps = new Map<string, Promise<EnvoyDump>>();
  return {
    services,
    pods: pods.filter(
      (pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined && text(pod, 'status', 'podIP') !== undefined,
    ),
    dump(pod) {
      const name = `${namespaceOf(pod)}/${nameOf(pod)}`;
      const known = dumps.get(name) ?? fetchDump(name, isGateway(pod) ? 'router' : 'sidecar');
      dumps.set(name, known);
      return known;
    },
  };
}

async function fetchDump(pod: string, type: 'sidecar' | 'router'): Promise<EnvoyDump> {
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const file = join(scratch, 'dump.json');
    const { code, stderr } = await run('ads', ['-type', type, '-pod', pod, '-o', file]);
    if (code !== 0) throw new UserError(`no dump for ${pod}: ${linesOf(stderr).join(' ')}`);
    return readDump(JSON.parse(readFileSync(file, 'utf8')));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

const nameOf = (one: JsonObject) => text(one, 'metadata', 'name') ?? '';
const namespaceOf = (one: JsonObject) => text(one, 'metadata', 'namespace') ?? '';

/** The pods that have a proxy, one per namespace and `app` label. */
export function sendersOf({ pods }: Snapshot): { readonly namespace: string; readonly app: string }[] {
  const found = pods.filter(hasProxy).flatMap((pod) => {
    const app = text(pod, 'metadata', 'labels', 'app');
    return app === undefined ? [] : [{ namespace: namespaceOf(pod), app }];
  });
  return [...new Map(found.map((one) => [`${one.namespace}/${one.app}`, one])).values()];
}

function hasProxy(pod: JsonObject): boolean {
  const all = [...items(pod, 'spec', 'initContainers'), ...items(pod, 'spec', 'containers')];
  // ztunnel's container has the name too, and is nobody's proxy.
  const proxies = all.filter((one) => text(one, 'name') === 'istio-proxy' && !items(one, 'args').includes('ztunnel'));
  return proxies.length > 0 && !isGateway(pod);
}

function isGateway(pod: JsonObject): boolean {
  const args = items(pod, 'spec', 'containers').flatMap((container) => items(container, 'args'));
  return args.includes('router') || args.includes('waypoint');
}

/** Asks istiod what becomes of a request. Undefined where nobody is there to ask: no pod of the gateway, or of the app. */
export async function found(
  state: Snapshot,
  request: TrafficRequest,
  gateways: readonly JsonObject[],
): Promise<Found | undefined> {
  const { from, gateway } = request;
  const pod = gateway ? gatewayPod(state, gateway, gateways) : state.pods.find((pod) => isOf(pod, from));
  if (!pod) return undefined;
  const entry: Entry = gateway
    ? { kind: 'gateway', address: '', port: targetPort(state, pod, request.port ?? 80) }
    : { kind: 'sidecar', address: addressOf(state, request.host, namespaceOf(pod)), port: request.port ?? 80 };
  const answer = ask(await state.dump(pod), request, entry);
  const admitted = await admittedBy(state, request, answer, pod);
  return admitted === undefined ? answer : { ...answer, admitted };
}

function isOf(pod: JsonObject, from: TrafficRequest['from']): boolean {
  return (
    from !== undefined &&
    namespaceOf(pod) === from.namespace &&
    text(pod, 'metadata', 'labels', 'app') === from.app &&
    hasProxy(pod)
  );
}

function gatewayPod(
  state: Snapshot,
  wanted: NonNullable<TrafficRequest['gateway']>,
  gateways: readonly JsonObject[],
): JsonObject | undefined {
  const object = gateways.find((one) => nameOf(one) === wanted.name && namespaceOf(one) === wanted.namespace);
  if (!object) return undefined;
  const selector = strings(object, 'spec', 'selector');
  const labels = selector.size > 0 ? selector : new Map([['gateway.networking.k8s.io/gateway-name', wanted.name]]);
  return state.pods.find((pod) => (selector.size > 0 || namespaceOf(pod) === wanted.namespace) && selects(labels, pod));
}

function selects(labels: ReadonlyMap<string, string>, pod: JsonObject): boolean {
  const own = strings(pod, 'metadata', 'labels');
  return labels.size > 0 && [...labels].every(([key, value]) => own.get(key) === value);
}

/** The port at which a gateway's proxy listens for a port of its Service. */
function targetPort({ services }: Snapshot, pod: JsonObject, port: number): number {
  const own = services.filter((one) => namespaceOf(one) === namespaceOf(pod) && selects(strings(one, 'spec', 'selector'), pod));
  const found = own.flatMap((one) => items(one, 'spec', 'ports')).find((one) => at(one, 'port') === port);
  const target = at(found, 'targetPort');
  if (typeof target === 'number') return target;
  const ports = items(pod, 'spec', 'containers').flatMap((container) => items(container, 'ports'));
  return Number(
    at(
      ports.find((one) => text(one, 'name') === target),
      'containerPort',
    ) ?? port,
  );
}

/** What a pod's DNS answers: the cluster's search domains first. Of an outer name, an address that nobody has. */
function addressOf({ services }: Snapshot, host: string, namespace: string): string {
  const names = [`${host}.${namespace}.svc.cluster.local`, `${host}.svc.cluster.local`, `${host}.cluster.local`, host];
  for (const name of names) {
    const service = services.find((one) => `${nameOf(one)}.${namespaceOf(one)}.svc.cluster.local` === name);
    const address = text(service, 'spec', 'clusterIP');
    if (address !== undefined && address !== 'None') return address;
  }
  return '198.51.100.1';
}

/** What the destinations' own proxies say: with the request as the route has changed it. Undefined where there is none to ask, or not all say the same. */
async function admittedBy(
  state: Snapshot,
  request: TrafficRequest,
  answer: Answer,
  sender: JsonObject,
): Promise<Found['admitted']> {
  if (answer.outcome !== 'route' || answer.mtls === 'mixed') return undefined;
  const secured = answer.mtls === 'mutual';
  const account = text(sender, 'spec', 'serviceAccountName') ?? 'default';
  const principal = secured ? `spiffe://cluster.local/ns/${namespaceOf(sender)}/sa/${account}` : undefined;
  const { rewrite, headers } = answer;
  const wire = envoyRequest(request, 'http');
  const changed = {
    ...{
      ...wire,
      authority: rewrite?.host ?? wire.authority,
      host: rewrite?.host ?? wire.host,
      path: rewrite?.path?.split('?')[0] ?? wire.path,
    },
    headers: Object.fromEntries(
      Object.entries({ ...wire.headers, ...headers?.set }).filter(([name]) => !headers?.remove.includes(name)),
    ),
  };
  const dump = await state.dump(sender);
  const said: NonNullable<Found['admitted']>[] = [];
  for (const { cluster } of answer.destinations)
    for (const endpoint of dump.endpoints.get(cluster) ?? []) {
      const pod = state.pods.find((one) => text(one, 'status', 'podIP') === endpoint.address);
      if (!pod || !hasProxy(pod)) continue;
      said.push(admits(await state.dump(pod), { request: changed, port: endpoint.port, principal }));
    }
  const [first] = said;
  return said.every((one) => one === first) ? first : undefined;
}

/** The Gateways among objects, of both APIs. */
export function gatewaysIn(objects: readonly JsonObject[]): JsonObject[] {
  return objects.filter(({ kind }) => kind === 'Gateway').map((one) => fields(one));
}
