import type { Json, JsonObject } from '../../kit/json.ts';
import { groupBy } from '../group-by.ts';
import { fields, items, number, text } from '../json-path.ts';
import type { Config } from '../read/config.ts';
import { isForeignGroup } from '../read/scope.ts';
import type { ProofObject } from '../types.ts';
import { portNumbers } from './installed.ts';
import { type Service, type ServicePort, service } from './services.ts';

// Default ports of collector receivers by protocol (opentelemetry-operator 0.158, receiver parsers).
const RECEIVER_PORTS: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map([
  ['otlp', new Map(Object.entries({ grpc: 4317, http: 4318 }))],
  ['jaeger', new Map(Object.entries({ grpc: 14250, thrift_http: 14268, thrift_compact: 6831, thrift_binary: 6832 }))],
  ['skywalking', new Map(Object.entries({ grpc: 11800, http: 12800 }))],
]);
const SINGLE_PORTS: ReadonlyMap<string, number> = new Map([
  ['zipkin', 9411],
  ['opencensus', 55678],
  ['datadog', 8126],
]);

/** Services that operators and controllers make: of collectors, Kiali, and Gateways of the Gateway API. */
export function createdServices(objects: readonly ProofObject[], configs: readonly Config[]): Service[] {
  const collectors = new Map(configs.filter((config) => config.kind === 'collector').map((config) => [config.object, config]));
  return objects.flatMap((object) => {
    if (object.group === 'opentelemetry.io' && object.kind === 'OpenTelemetryCollector')
      return collectorServices(object, collectors.get(object));
    if (object.group === 'gateway.networking.k8s.io' && object.kind === 'Gateway') return gatewayServices(object);
    if (object.group === 'kiali.io' && object.kind === 'Kiali') return [kialiService(object)];
    return [];
  });
}

/** The objects from which somebody unseen makes Services and pods: of kinds not known here, or known to do so. By namespace. */
export function makers(objects: readonly ProofObject[]): (namespace: string) => readonly ProofObject[] {
  const found = groupBy(
    objects.filter(
      ({ namespace, group, kind }) =>
        namespace !== '' && ((isForeignGroup(group) && !SECRETS_ALONE.has(group)) || MAKERS.has(kind)),
    ),
    (object) => object.namespace,
  );
  return (namespace) => found.get(namespace) ?? [];
}

/**
 * Whether somebody unseen may make a Service of this name: from a maker in the same namespace, whose name is a part of the
 * Service's; the Prometheus operator (`prometheus-operated` and the like); or an Istio installed elsewhere.
 */
export function mayBeMade(makersIn: (namespace: string) => readonly ProofObject[]): (namespace: string, name: string) => boolean {
  return (namespace, name) => {
    if (ISTIO_OWN.test(name) || (namespace === 'default' && name === 'kubernetes')) return true;
    return makersIn(namespace).some((maker) => `-${name}-`.includes(`-${maker.name}-`) || name.endsWith('-operated'));
  };
}

// Groups whose controllers make Secrets at most, or nothing at all.
const SECRETS_ALONE = new Set(['external-secrets.io', 'bitnami.com', 'cert-manager.io', 'traefik.io']);
// Kinds of known groups for which an operator makes Services under names of its own.
const MAKERS = new Set([
  'Prometheus',
  'PrometheusAgent',
  'Alertmanager',
  'ThanosRuler',
  'Grafana',
  'TargetAllocator',
  'OpAMPBridge',
]);
// Istio's own Services, which an install outside the input makes.
const ISTIO_OWN = /^(istiod|istio-(ingress|egress|eastwest)(gateway)?)(-|$)/;

function collectorServices(object: ProofObject, config: Config | undefined): Service[] {
  if (text(object.json, 'spec', 'mode') === 'sidecar') return [];
  const { name, namespace } = object;
  const ports = collectorPorts(object, config);
  return [
    service(`${name}-collector`, namespace, ports, object),
    service(`${name}-collector-headless`, namespace, ports, object),
    {
      ...service(`${name}-collector-monitoring`, namespace, [made(8888, 'monitoring')], object),
      labels: monitoringLabels(object),
    },
    service(`${name}-collector-extension`, namespace, 'unknown', object),
    service(`${name}-targetallocator`, namespace, 'unknown', object),
  ];
}

/** Labels of the Service for a collector's own metrics (operator 0.158, manifests/collector/service.go). */
function monitoringLabels({ name, namespace }: ProofObject): ReadonlyMap<string, string> {
  return new Map([
    ['app.kubernetes.io/name', `${name}-collector-monitoring`],
    ['app.kubernetes.io/instance', `${namespace}.${name}`],
    ['app.kubernetes.io/component', 'opentelemetry-collector'],
    ['operator.opentelemetry.io/collector-service-type', 'monitoring'],
    ['operator.opentelemetry.io/collector-monitoring-service', 'Exists'],
  ]);
}

function collectorPorts(object: ProofObject, config: Config | undefined): readonly ServicePort[] | 'unknown' {
  if (!config || Object.keys(config.value).length === 0 || isUnsound(config.value)) return 'unknown';
  const ports = items(object.json, 'spec', 'ports').flatMap((port) => {
    const stated = number(port, 'port');
    return stated === undefined ? [] : [made(stated, text(port, 'name') ?? '', text(port, 'appProtocol'))];
  });
  for (const [id, receiver] of Object.entries(fields(config.value, 'receivers'))) {
    const type = id.split('/')[0] ?? id;
    const protocols = RECEIVER_PORTS.get(type);
    if (protocols) {
      for (const [protocol, settings] of Object.entries(fields(receiver, 'protocols'))) {
        const port = endpointPort(settings) ?? protocols.get(protocol);
        if (port !== undefined) ports.push(receiverPort(port, id, protocol));
      }
    } else {
      const port = endpointPort(receiver) ?? SINGLE_PORTS.get(type);
      if (port !== undefined) ports.push(receiverPort(port, id));
    }
  }
  return ports;
}

/** The operator names a port after the receiver and its protocol, and `port-N` where that is too long (operator 0.158, naming). */
function receiverPort(port: number, id: string, protocol?: string): ServicePort {
  const name = [...id.split('/'), ...(protocol === undefined ? [] : [protocol])].join('-').replaceAll('_', '-');
  const spoken = protocol === undefined || protocol === 'http' ? 'http' : protocol;
  return made(port, name.length > 15 ? `port-${port}` : name, ['grpc', 'http'].includes(spoken) ? spoken : undefined);
}

function made(port: number, name: string, appProtocol = ''): ServicePort {
  return { number: port, name, protocol: 'TCP', appProtocol, target: port };
}

/** Whether the receivers are in such a state that nobody can say what ports the operator would open: told elsewhere. */
function isUnsound(config: JsonObject): boolean {
  const declared = fields(config, 'receivers');
  const connectors = fields(config, 'connectors');
  const named = Object.values(fields(config, 'service', 'pipelines')).flatMap((pipeline) => items(pipeline, 'receivers'));
  return (
    named.some((id) => typeof id === 'string' && !Object.hasOwn(declared, id) && !Object.hasOwn(connectors, id)) ||
    Object.entries(declared).some(
      ([id, value]) => RECEIVER_PORTS.has(id.split('/')[0] ?? id) && Object.keys(fields(value, 'protocols')).length === 0,
    )
  );
}

function endpointPort(settings: Json | undefined): number | undefined {
  const port = text(settings, 'endpoint')?.match(/:(\d+)$/)?.[1];
  return port === undefined ? undefined : Number(port);
}

function gatewayServices(object: ProofObject): Service[] {
  const { json, namespace, name } = object;
  const gatewayClass = text(json, 'spec', 'gatewayClassName') ?? 'istio';
  const override = text(json, 'metadata', 'annotations', 'gateway.istio.io/name-override');
  const listeners = items(json, 'spec', 'listeners').flatMap((listener) => number(listener, 'port') ?? []);
  // A waypoint's Service has the Gateway's own name; all others are NAME-CLASS (Istio 1.30, Gateway API deployment controller).
  const usual = gatewayClass.includes('waypoint') ? name : `${name}-${gatewayClass}`;
  return [service(override ?? usual, namespace, portNumbers([15021, ...listeners]), object)];
}

function kialiService(object: ProofObject): Service {
  const { json } = object;
  const name = text(json, 'spec', 'deployment', 'instance_name') ?? 'kiali';
  const port = number(json, 'spec', 'server', 'port') ?? 20001;
  const metrics = number(json, 'spec', 'server', 'observability', 'metrics', 'port') ?? 9090;
  return service(name, text(json, 'spec', 'deployment', 'namespace') ?? object.namespace, portNumbers([port, metrics]), object);
}
