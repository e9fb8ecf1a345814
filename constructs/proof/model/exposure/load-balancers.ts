import { remember } from '../../../kit/remember.ts';
import { at, items, number, strings, text } from '../../json-path.ts';
import { chartReleases } from '../../read/charts.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';

/** A word at a place. */
export interface Stated {
  readonly value: string;
  readonly at: Spot;
}

/** A Service of type LoadBalancer that the input states or causes, and what it asks MetalLB for. */
export interface LoadBalancer {
  readonly object: ProofObject;
  /** For people: `Service/shop/web`, or `HelmRelease/istio-ingress/gateway`. */
  readonly id: string;
  readonly namespace: string;
  readonly addresses: readonly Stated[];
  readonly pool: Stated | undefined;
  /** The key by which it shares an address. */
  readonly sharing: string | undefined;
  /** As `TCP/80`; undefined where the maker decides. */
  readonly ports: readonly string[] | undefined;
  /** Annotations in the old spelling. */
  readonly old: readonly Spot[];
  /** Where it is said that it is a load balancer at all. */
  readonly at: Spot;
}

/** Where an object keeps what becomes of a Service. */
interface Place {
  readonly object: ProofObject;
  readonly namespace: string;
  readonly annotations: Path;
  readonly spec: Path;
  /** Where nothing says otherwise. */
  readonly usual: 'LoadBalancer' | 'ClusterIP';
}

/** Reads every Service of type LoadBalancer that MetalLB would give an address to. */
export const loadBalancersOf: (model: Model) => readonly LoadBalancer[] = remember((model) => [
  ...[...services(model), ...releases(model), ...operators(model)].flatMap(loadBalancer),
  ...gateways(model),
]);

const PREFIXES = ['metallb.io', 'metallb.universe.tf'];

function loadBalancer({ object, namespace, annotations, spec, usual }: Place): LoadBalancer[] {
  const { json } = object;
  if ((text(json, ...spec, 'type') ?? usual) !== 'LoadBalancer') return [];
  // MetalLB leaves Services of another class alone.
  const given = text(json, ...spec, 'loadBalancerClass');
  if (given !== undefined && !given.includes('metallb')) return [];
  const legacy = text(json, ...spec, 'loadBalancerIP');
  const ip = legacy === undefined ? [] : [{ value: legacy, at: spotOf(object, [...spec, 'loadBalancerIP']) }];
  const ports = items(json, ...spec, 'ports').flatMap((one) => {
    const port = number(one, 'port');
    return port === undefined ? [] : [`${text(one, 'protocol') ?? 'TCP'}/${port}`];
  });
  const about = { object, namespace, at: spotOf(object, [...spec, 'type']), ports: ports.length > 0 ? ports : undefined };
  return [asking(about, annotations, ip)];
}

function asking(
  about: Pick<LoadBalancer, 'object' | 'namespace' | 'at' | 'ports'>,
  annotations: Path,
  legacy: readonly Stated[],
): LoadBalancer {
  const { object } = about;
  const values = strings(object.json, ...annotations);
  const said = (key: string): Stated | undefined => {
    for (const prefix of PREFIXES) {
      const value = values.get(`${prefix}/${key}`);
      if (value !== undefined) return { value, at: spotOf(object, [...annotations, `${prefix}/${key}`]) };
    }
    return undefined;
  };
  const asked = said('loadBalancerIPs');
  const listed = asked
    ? asked.value.split(',').map((one) => ({ value: one.trim(), at: asked.at }))
    : legacy.map((one) => ({ ...one, value: one.value.trim() }));
  const pool = said('address-pool');
  return {
    ...about,
    id: object.id,
    addresses: listed.filter(({ value }) => value !== '' && !isOpen(value)),
    pool: pool && !isOpen(pool.value) ? pool : undefined,
    sharing: said('allow-shared-ip')?.value,
    old: [...values.keys()]
      .filter((key) => key.startsWith('metallb.universe.tf/'))
      .map((key) => spotOf(object, [...annotations, key])),
  };
}

function isOpen(value: string): boolean {
  return /[${}]/.test(value);
}

function services(model: Model): Place[] {
  return model
    .kind('Service')
    .filter(({ group }) => group === '')
    .map(
      (object): Place => ({
        ...{ object, namespace: object.namespace, annotations: ['metadata', 'annotations'], spec: ['spec'], usual: 'ClusterIP' },
      }),
    );
}

// Where charts keep their Service: all of these are load balancers unless told otherwise.
const CHARTS: ReadonlyMap<string, Path> = new Map([
  ['gateway', ['service']],
  ['ingress-nginx', ['controller', 'service']],
  ['traefik', ['service']],
]);

function releases(model: Model): Place[] {
  return chartReleases(model.objects).flatMap(({ chart, object, namespace }): Place[] => {
    const inValues = CHARTS.get(chart ?? '');
    if (!inValues) return [];
    const spec: Path = ['spec', 'values', ...inValues];
    if (at(object.json, ...spec, 'enabled') === false) return [];
    const inner = chart === 'traefik' && at(object.json, ...spec, 'spec') !== undefined ? [...spec, 'spec'] : spec;
    const type = text(object.json, ...spec, 'type') ?? 'LoadBalancer';
    return type === 'LoadBalancer'
      ? [{ object, namespace, annotations: [...spec, 'annotations'], spec: inner, usual: 'LoadBalancer' }]
      : [];
  });
}

function operators(model: Model): Place[] {
  return model.kind('IstioOperator').flatMap((object): Place[] =>
    items(object.json, 'spec', 'components', 'ingressGateways').flatMap((one, i): Place[] => {
      const k8s: Path = ['spec', 'components', 'ingressGateways', i, 'k8s'];
      if (at(one, 'enabled') === false || at(one, 'k8s') === undefined) return [];
      const namespace = text(one, 'namespace') ?? object.namespace;
      return [
        { object, namespace, annotations: [...k8s, 'serviceAnnotations'], spec: [...k8s, 'service'], usual: 'LoadBalancer' },
      ];
    }),
  );
}

/** Istio makes a Service of type LoadBalancer for each Gateway of its class, but for those with pods made by hand. */
function gateways(model: Model): LoadBalancer[] {
  return model
    .kind('Gateway')
    .filter(({ group, json }) => group === 'gateway.networking.k8s.io' && text(json, 'spec', 'gatewayClassName') === 'istio')
    .flatMap((object): LoadBalancer[] => {
      const { json, namespace } = object;
      const stated = items(json, 'spec', 'addresses');
      if (stated.some((one) => (text(one, 'type') ?? 'IPAddress') !== 'IPAddress')) return [];
      const passed = at(json, 'spec', 'infrastructure') === undefined;
      const annotations: Path = passed ? ['metadata', 'annotations'] : ['spec', 'infrastructure', 'annotations'];
      const type = strings(json, ...annotations).get('networking.istio.io/service-type') ?? 'LoadBalancer';
      if (type !== 'LoadBalancer') return [];
      const addresses = stated.flatMap((one, i) => {
        const value = text(one, 'value');
        return value === undefined ? [] : [{ value, at: spotOf(object, ['spec', 'addresses', i, 'value']) }];
      });
      const ports = items(json, 'spec', 'listeners').flatMap((one) => number(one, 'port') ?? []);
      const about = { object, namespace, ports: [...new Set([15021, ...ports])].map((one) => `TCP/${one}`) };
      return [asking({ ...about, at: spotOf(object, ['spec', 'gatewayClassName']) }, annotations, addresses)];
    });
}
