import { isIstioProfile, istioProfile } from '../../kit/istio-profiles.ts';
import type { Json } from '../../kit/json.ts';
import { at, fields, items, number, strings, text } from '../json-path.ts';
import { type ChartRelease, chartReleases, installsControlPlane } from '../read/charts.ts';
import type { ProofObject } from '../types.ts';
import { type Service, type ServicePort, service } from './services.ts';
import { type Workload, workload } from './workloads.ts';

/** What others make from objects of the input. */
export interface Made {
  readonly services: Service[];
  readonly workloads: Workload[];
}

/** Ports of the gateway Service where no profile says others: of the gateway chart (Istio 1.30). */
const GATEWAY_PORTS: readonly ServicePort[] = [port('status-port', 15021), port('http2', 80), port('https', 443)];
/** Ports of istiod's Service (Istio 1.30, istio-discovery, service.yaml). */
const ISTIOD_PORTS: readonly ServicePort[] = [
  port('grpc-xds', 15010),
  port('https-dns', 15012),
  { ...port('https-webhook', 443), target: 15017 },
  port('http-monitoring', 15014),
];
/** What Istio's charts put on pods that take no part in the mesh. */
const APART = [
  ['sidecar.istio.io/inject', 'false'],
  ['istio.io/dataplane-mode', 'none'],
] as const;

/** Services and pods of the installers of Istio: IstioOperator files, HelmReleases of its charts, the Sail operator. */
export function installedByIstio(objects: readonly ProofObject[]): Made {
  const made: Made = { services: [], workloads: [] };
  for (const object of objects) {
    if (object.group === 'install.istio.io' && object.kind === 'IstioOperator') addOperatorInstall(object, made);
    if (object.group === 'sailoperator.io') addSailInstall(object, made);
  }
  for (const release of chartReleases(objects)) {
    const { object, chart, namespace } = release;
    if (chart === 'istiod') addIstiod(object, namespace, text(object.json, 'spec', 'values', 'revision'), made);
    if (chart === 'cni') addNodeAgent(object, namespace, cniAgent, made);
    if (chart === 'ztunnel') addNodeAgent(object, namespace, ztunnel(text(object.json, 'spec', 'values', 'resourceName')), made);
    if (chart === 'gateway') addGatewayRelease(release, made);
  }
  return made;
}

/** Ports by their numbers alone: what a maker's Service listens on. */
export function portNumbers(numbers: readonly number[]): ServicePort[] {
  return numbers.map((one) => port('', one));
}

function port(name: string, number: number): ServicePort {
  return { number, name, protocol: 'TCP', appProtocol: '', target: number };
}

function addIstiod(object: ProofObject, namespace: string, revision: string | undefined, made: Made): void {
  const own = revision === undefined || revision === '' || revision === 'default' ? undefined : revision;
  const name = own === undefined ? 'istiod' : `istiod-${own}`;
  const selector = new Map([
    ['app', 'istiod'],
    ...(own === undefined ? ([['istio', 'pilot']] as const) : ([['istio.io/rev', own]] as const)),
  ]);
  // The chart's own Service has the labels that it selects, and more (istio-discovery, service.yaml).
  made.services.push({ ...service(name, namespace, ISTIOD_PORTS, object, selector), labels: selector });
  const labels = new Map([
    ['app', 'istiod'],
    ['istio', own === undefined ? 'pilot' : 'istiod'],
    ['istio.io/rev', own ?? 'default'],
    ...APART,
  ]);
  made.workloads.push(workload(object, labels, { created: true, name, namespace, account: name }));
}

/** The Sail operator names an istiod after its object, and after its version where two may run side by side (sail-operator 1.30). */
function addSailInstall(object: ProofObject, made: Made): void {
  const namespace = text(object.json, 'spec', 'namespace');
  if (object.kind === 'Istio') {
    const version = (text(object.json, 'spec', 'version') ?? '').replaceAll('.', '-');
    const sideBySide = text(object.json, 'spec', 'updateStrategy', 'type') === 'RevisionBased';
    addIstiod(object, namespace ?? 'istio-system', sideBySide ? `${object.name}-${version}` : object.name, made);
  }
  if (object.kind === 'IstioCNI') addNodeAgent(object, namespace ?? 'istio-cni', cniAgent, made);
  if (object.kind === 'ZTunnel')
    addNodeAgent(object, namespace ?? 'ztunnel', ztunnel(text(object.json, 'spec', 'values', 'ztunnel', 'resourceName')), made);
}

/** Pods that run on every node in ambient mode, as their charts name and label them (Istio 1.30). */
interface NodeAgent {
  readonly name: string;
  readonly label: readonly [string, string];
  readonly ports: Workload['ports'];
}

const cniAgent: NodeAgent = { name: 'istio-cni-node', label: ['k8s-app', 'istio-cni-node'], ports: [] };

function ztunnel(name = 'ztunnel'): NodeAgent {
  return { name, label: ['app', 'ztunnel'], ports: [{ name: 'ztunnel-stats', number: 15020 }] };
}

function addNodeAgent(object: ProofObject, namespace: string, { name, label, ports }: NodeAgent, made: Made): void {
  made.workloads.push(workload(object, new Map([label, ...APART]), { created: true, name, namespace, ports }));
}

function addOperatorInstall(object: ProofObject, made: Made): void {
  const name = text(object.json, 'spec', 'profile') ?? 'default';
  const profile = isIstioProfile(name) ? istioProfile(name) : undefined;
  const namespace = text(object.json, 'spec', 'namespace') ?? text(object.json, 'metadata', 'namespace') ?? 'istio-system';
  if (installsControlPlane(object)) addIstiod(object, namespace, text(object.json, 'spec', 'revision'), made);
  const ports = profile?.ingressPorts.length ? profile.ingressPorts : GATEWAY_PORTS.map((one) => one.number);
  for (const way of ['ingress', 'egress'] as const) {
    const usual = `istio-${way}gateway`;
    const listed = items(object.json, 'spec', 'components', `${way}Gateways`);
    const inProfile = profile?.components.includes(`${way}-gateway`) ?? false;
    const entries =
      listed.some((entry) => (text(entry, 'name') ?? usual) === usual) || !inProfile ? listed : [{ name: usual }, ...listed];
    for (const entry of entries) {
      const profileEntry = inProfile && (text(entry, 'name') ?? usual) === usual;
      const enabled = at(entry, 'enabled');
      if (enabled === false || (enabled === undefined && !profileEntry)) continue;
      addOperatorGateway(object, entry, { usual, way, namespace, ports }, made);
    }
  }
}

interface GatewayDefaults {
  readonly usual: string;
  readonly way: 'ingress' | 'egress';
  readonly namespace: string;
  readonly ports: readonly number[];
}

function addOperatorGateway(
  object: ProofObject,
  entry: Json,
  { usual, way, namespace, ports }: GatewayDefaults,
  made: Made,
): void {
  const values = fields(object.json, 'spec', 'values', 'gateways', usual);
  const name = text(entry, 'name') ?? text(values, 'name') ?? usual;
  const home = text(entry, 'namespace') ?? text(values, 'namespace') ?? namespace;
  const labels = new Map([
    ...new Map([
      ['app', usual],
      ['istio', `${way}gateway`],
    ]),
    ...strings(values, 'labels'),
    ...strings(entry, 'label'),
  ]);
  const own = [...items(entry, 'k8s', 'service', 'ports'), ...items(values, 'ports')].flatMap(
    (port) => number(port, 'port') ?? [],
  );
  const patched = items(entry, 'k8s', 'overlays').length > 0;
  made.services.push(service(name, home, patched ? 'unknown' : portNumbers(own.length > 0 ? own : ports), object, labels));
  made.workloads.push(workload(object, labels, { created: true, name, namespace: home, account: `${name}-service-account` }));
}

function addGatewayRelease({ object, release, namespace, partial }: ChartRelease, made: Made): void {
  const values = fields(object.json, 'spec', 'values');
  const name = text(values, 'name') ?? release;
  const own = items(values, 'service', 'ports').flatMap((one): ServicePort[] => {
    const found = number(one, 'port');
    if (found === undefined) return [];
    const target = number(one, 'targetPort') ?? text(one, 'targetPort') ?? found;
    return [{ ...port(text(one, 'name') ?? '', found), protocol: text(one, 'protocol') ?? 'TCP', target }];
  });
  const selector = new Map([['app', name], ['istio', name.replace(/^istio-/, '')], ...strings(values, 'labels')]);
  const ports = partial || text(values, 'networkGateway') !== undefined ? 'unknown' : own.length > 0 ? own : GATEWAY_PORTS;
  if (text(values, 'service', 'type') !== 'None') made.services.push(service(name, namespace, ports, object, selector));
  const revision = text(values, 'revision') ?? '';
  const labels = new Map([
    ...selector,
    ['sidecar.istio.io/inject', 'true'],
    ...(revision === '' ? [] : ([['istio.io/rev', revision]] as const)),
  ]);
  const account = text(values, 'serviceAccount', 'name') ?? name;
  made.workloads.push(workload(object, labels, { created: true, name, namespace, account, ports: [proxyMetrics] }));
}

const proxyMetrics = { name: 'http-envoy-prom', number: 15090 };
