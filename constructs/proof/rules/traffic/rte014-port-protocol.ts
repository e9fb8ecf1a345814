import { at, items, number, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Service, ServicePort } from '../../model/services.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { portList } from '../lookup.ts';
import { hostsOf, isOfMesh, virtualServices } from './virtual-services.ts';

export const portProtocol: Rule = {
  code: 'RTE014',
  title: 'routes for another protocol than the Service’s port is named for',
  severity: 'error',
  run: (model) => [
    ...virtualServices(model)
      .filter(isOfMesh)
      .flatMap((object) => ofVirtualService(model, object)),
    ...model.kind('GRPCRoute').flatMap((object) => ofGrpcRoute(model, object)),
  ],
  docs: {
    cause:
      'Proxies read a port’s protocol from its appProtocol, else from its name up to the first dash (`http`, `http2`, `grpc`, `tcp`, `tls`, `https`, `mongo`, `redis`, `mysql`). Rules under `http` do nothing for a port that is named for TCP or TLS, rules under `tcp` and `tls` nothing for an HTTP port: inside the mesh the VirtualService is ignored. gRPC to a port named `http` is sent as HTTP/1.1 and fails. A port with any other name is looked into, and draws nothing.',
    fix: 'Name the port after its protocol (`http-web`), or state appProtocol.',
    example:
      'kind: Service\nmetadata: {name: reviews}\nspec: {ports: [{name: tcp-web, port: 9080}]}   # and a VirtualService for reviews has http rules',
  },
};

type Family = 'http' | 'tls' | 'tcp';

const FAMILIES: Readonly<Record<string, Family>> = {
  ...{ http: 'http', http2: 'http', grpc: 'http', 'grpc-web': 'http', http_proxy: 'http' },
  ...{ 'kubernetes.io/h2c': 'http', 'kubernetes.io/ws': 'http', 'kubernetes.io/wss': 'tls' },
  ...{ https: 'tls', tls: 'tls', tcp: 'tcp', mongo: 'tcp', redis: 'tcp', mysql: 'tcp' },
};

/** What a port says it speaks (Istio 1.30, pkg/config/kube/conversion.go), in lower case. */
function protocolOf({ name, appProtocol }: ServicePort): string {
  const said = (appProtocol === '' ? name : appProtocol).toLowerCase();
  if (said.startsWith('grpc-web')) return 'grpc-web';
  return said.includes('/') ? said : (said.split('-')[0] ?? '');
}

/** Undefined for a port that Envoy looks into. */
function familyOf(port: ServicePort): Family | undefined {
  return FAMILIES[protocolOf(port)];
}

function ofVirtualService(model: Model, object: ProofObject): Fault[] {
  return hostsOf(object).flatMap((host): Fault[] => {
    const found = model.services.find(host, object.namespace);
    if (found.is !== 'service' || found.service.ports === 'unknown' || found.service.created) return [];
    const { service } = found;
    for (const kind of ['http', 'tls', 'tcp'] as const) {
      const rules = items(object.json, 'spec', kind);
      const index = rules.findIndex((rule) => rule !== null && !serves(service, kind, portsOf(rule)));
      if (index < 0) continue;
      return [
        {
          at: spotOf(object, ['spec', kind, index]),
          message: `does nothing for ${service.id} inside the mesh: rules under ${kind} are not for ${portsOf(rules[index] ?? null).length > 0 ? 'that port' : 'its ports'}, which are ${portList(service)}`,
          hint: hintOf(service, kind),
          cause: `protocol of ${service.id}`,
        },
      ];
    }
    return [];
  });
}

function hintOf(service: Service, kind: Family): string {
  const [port] = service.ports === 'unknown' ? [] : service.ports;
  const rest = port?.name.replace(/^[^-]*-?/, '') ?? '';
  return `name the port of ${service.id} ${kind}${rest === '' ? '' : `-${rest}`}, or put the rules under ${port ? (familyOf(port) ?? kind) : kind}`;
}

/** The ports that the matches of a rule name. */
function portsOf(rule: Parameters<typeof items>[0]): readonly number[] {
  return items(rule, 'match').flatMap((match) => number(match, 'port') ?? []);
}

function serves(service: Service, kind: Family, ports: readonly number[]): boolean {
  if (service.ports === 'unknown') return true;
  const asked = service.ports.filter((one) => one.protocol !== 'UDP' && (ports.length === 0 || ports.includes(one.number)));
  return (
    asked.length === 0 ||
    asked.some((one) => {
      const family = familyOf(one);
      // TLS is a stream of bytes as well.
      return family === undefined || family === kind || (kind === 'tcp' && family === 'tls');
    })
  );
}

function ofGrpcRoute(model: Model, object: ProofObject): Fault[] {
  return items(object.json, 'spec', 'rules').flatMap((rule, i) =>
    items(rule, 'backendRefs').flatMap((ref, j): Fault[] => {
      const [name, port] = [text(ref, 'name'), number(ref, 'port')];
      if (name === undefined || (text(ref, 'kind') ?? 'Service') !== 'Service' || at(ref, 'group') === 'networking.istio.io')
        return [];
      const service = model.services.get(text(ref, 'namespace') ?? object.namespace, name);
      const found = service && service.ports !== 'unknown' ? service.ports.find((one) => one.number === port) : undefined;
      if (!service || service.created || !found || protocolOf(found) !== 'http') return [];
      return [
        {
          at: spotOf(object, ['spec', 'rules', i, 'backendRefs', j, 'port']),
          severity: 'warning',
          message: `port ${found.number} of ${service.id} is ${found.appProtocol === '' ? `named "${found.name}"` : `of appProtocol ${found.appProtocol}`}: gRPC is sent there as HTTP/1.1`,
          hint: 'name the port grpc, or state appProtocol: grpc',
          cause: `grpc port ${service.id}:${found.number}`,
        },
      ];
    }),
  );
}
