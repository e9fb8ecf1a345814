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
const GATEWAY_PORTS = [15021, 80, 443];
const ISTIOD_PORTS = [15010, 15012, 443, 15014];

/** Services and pods of the installers of Istio: IstioOperator files, HelmReleases of its charts, the Sail operator. */
export function installedByIstio(objects: readonly ProofObject[]): Made {
  const made: Made = { services: [], workloads: [] };
  for (const object of objects) {
    if (object.group === 'install.istio.io' && object.kind === 'IstioOperator') addOperatorInstall(object, made);
    if (object.group === 'sailoperator.io' && object.kind === 'Istio') {
      const namespace = text(object.json, 'spec', 'namespace') ?? 'istio-system';
      addIstiod(object, namespace, text(object.json, 'spec', 'values', 'revision'), made);
    }
  }
  for (const release of chartReleases(objects)) {
    const { object, chart, namespace } = release;
    if (chart === 'istiod') addIstiod(object, namespace, text(object.json, 'spec', 'values', 'revision'), made);
    if (chart === 'gateway') addGatewayRelease(release, made);
  }
  return made;
}

/** Ports by their numbers alone: what a maker's Service listens on. */
export function portNumbers(numbers: readonly number[]): ServicePort[] {
  return numbers.map((one) => ({ number: one, name: '', protocol: 'TCP', appProtocol: '', target: one }));
}

function addIstiod(object: ProofObject, namespace: string, revision: string | undefined, made: Made): void {
  const name = revision === undefined || revision === '' || revision === 'default' ? 'istiod' : `istiod-${revision}`;
  made.services.push(service(name, namespace, portNumbers(ISTIOD_PORTS), object));
  made.workloads.push(workload(object, new Map([['app', 'istiod']]), { created: true, name, namespace }));
}

function addOperatorInstall(object: ProofObject, made: Made): void {
  const name = text(object.json, 'spec', 'profile') ?? 'default';
  const profile = isIstioProfile(name) ? istioProfile(name) : undefined;
  const namespace = text(object.json, 'spec', 'namespace') ?? text(object.json, 'metadata', 'namespace') ?? 'istio-system';
  if (installsControlPlane(object)) addIstiod(object, namespace, text(object.json, 'spec', 'revision'), made);
  const ports = profile?.ingressPorts.length ? profile.ingressPorts : GATEWAY_PORTS;
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
  const own = items(values, 'service', 'ports').flatMap((port) => number(port, 'port') ?? []);
  const labels = new Map([['app', name], ['istio', name.replace(/^istio-/, '')], ...strings(values, 'labels')]);
  made.services.push(
    service(name, namespace, partial ? 'unknown' : portNumbers(own.length > 0 ? own : GATEWAY_PORTS), object, labels),
  );
  const account = text(values, 'serviceAccount', 'name') ?? name;
  made.workloads.push(workload(object, labels, { created: true, name, namespace, account }));
}
