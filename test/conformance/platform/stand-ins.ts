import type { JsonObject } from '../../../constructs/kit/json.ts';
import { modelOf, type ProofObject, readWorlds } from '../../../constructs/proof/index.ts';
import { text } from '../../../constructs/proof/json-path.ts';
import type { Service, ServicePort } from '../../../constructs/proof/model/services.ts';
import { type Cluster, kubectl } from '../cluster.ts';
import { linesOf } from '../run.ts';
import { label, manager, type Stack, type StackObject, stackObject } from '../stack.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { isOfIstio, releasesOf } from './releases.ts';

/**
 * What operators and charts would make of a stack, as far as proxies and Istio's analysis see it: a Deployment for each object that somebody
 * makes Services of, and those Services, named and with ports as the proof reads them; and the Secret of each Certificate. Not what the
 * rig makes for real: Istio's own, and the gateways of the Gateway API.
 *
 * @param certificate what stands for each certificate: PEM
 */
export function standIns(stack: Stack, certificate: { readonly crt: string; readonly key: string }): StackObject[] {
  const secrets = stack.objects.flatMap((one) => secretOf(one, certificate));
  return [...secrets, ...workloadsOf(stack)];
}

function secretOf({ kind, namespace, json }: StackObject, { crt, key }: { crt: string; key: string }): StackObject[] {
  const name = text(json, 'spec', 'secretName');
  if (kind !== 'Certificate' || name === undefined || namespace === undefined) return [];
  const stringData = { 'tls.crt': crt, 'tls.key': key };
  const metadata = { name, namespace };
  return [stackObject({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/tls', stringData })];
}

function workloadsOf(stack: Stack): StackObject[] {
  const [world] = readWorlds([stack.folder]);
  if (!world) return [];
  const real = new Set(
    releasesOf(stack)
      .filter(isOfIstio)
      .map(({ object }) => object.id),
  );
  const services = modelOf(world).services.all;
  const made = services.filter(({ created, object }) => created && !real.has(object.id) && !madeByIstio.has(object.group));
  const makers = new Map(made.map(({ object }) => [object.id, object]));
  return [...makers].flatMap(([id, maker]) =>
    madeOf(
      maker,
      made.filter(({ object }) => object.id === id),
    ),
  );
}

const madeByIstio: ReadonlySet<string> = new Set(['install.istio.io', 'sailoperator.io', 'gateway.networking.k8s.io']);

function madeOf(maker: ProofObject, services: readonly Service[]): StackObject[] {
  const known = services.filter((one) => one.ports !== 'unknown' && one.ports.length > 0);
  const [first] = known;
  if (!first) return [];
  // The OpenTelemetry operator's (0.158); nobody selects the others' pods.
  const labels = { 'app.kubernetes.io/instance': `${maker.namespace}.${maker.name}` };
  const metadata = { name: first.name, namespace: first.namespace };
  const image = text(maker.json, 'spec', 'image') ?? 'stand-in';
  const template = { metadata: { labels }, spec: { containers: [{ name: 'stand-in', image }] } };
  const spec = { selector: { matchLabels: labels }, template };
  const deployment: JsonObject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec };
  return [deployment, ...known.map((one) => serviceOf(one, labels))].map(stackObject);
}

function serviceOf({ name, namespace, ports }: Service, labels: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: labels, ports: ports === 'unknown' ? [] : ports.map(portOf) },
  };
}

/** The proof knows no name for the ports of pages; a name that says no protocol is given one, or Istio's analysis asks for it. */
function portOf({ number, name, protocol, appProtocol }: ServicePort): JsonObject {
  const stated = appProtocol !== '' || name === '' || spoken.test(name);
  return {
    name: name === '' ? `http-${number}` : name,
    port: number,
    protocol,
    ...(stated ? appProtocol !== '' && { appProtocol } : { appProtocol: 'tcp' }),
  };
}

/** Names by which Istio knows what a port speaks (Istio 1.30, "Explicit protocol selection"). */
const spoken = /^(grpc|grpc-web|http|http2|https|mongo|mysql|redis|tcp|tls|udp)(-|$)/;

/** Makes them on the rig, which has none of the operators. */
export async function makeStandIns(cluster: Cluster, objects: readonly StackObject[]): Promise<Outcome[]> {
  if (!cluster.rig || objects.length === 0) return [];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.map(({ json }) => json) });
  const { code, stderr } = await kubectl(cluster, ['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], { input });
  if (code !== 0) return [verdict('stand-ins for what operators and charts make', linesOf(stderr))];
  const names = objects.filter(({ kind }) => kind !== 'Deployment').map(label);
  return [
    skipped('operators and charts', `the rig runs none that makes anything of its objects; stand-ins: ${names.join(', ')}`),
  ];
}
