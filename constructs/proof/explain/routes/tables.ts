import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import type { Model } from '../../model/model.ts';
import { isWildcard } from '../registry/hosts.ts';
import { gatewayApiTables } from './gateway-api.ts';
import { ingressTables } from './ingress.ts';
import { byTableAge, type RouteTable } from './route-table.ts';
import { virtualServices } from './virtual-services.ts';

/** The tables of routes of a model, found by what they are for. */
export interface RouteTables {
  /** Those for the mesh that name exactly a host, in istiod's order. */
  inMesh(host: string): readonly RouteTable[];
  /** Those for the mesh with a wildcard among their hosts. */
  readonly wildcards: readonly RouteTable[];
  /** Those at a gateway (`NAMESPACE/NAME`), in istiod's order. */
  at(gateway: string): readonly RouteTable[];
}

/** Indexes the tables of a model, once; none is read before somebody asks for its rules. */
export const routeTables: (model: Model) => RouteTables = remember((model) => {
  const all = [...virtualServices(model), ...gatewayApiTables(model), ...ingressTables(model)].sort(byTableAge);
  const pairs = all.flatMap((table) => [...new Set(table.gateways)].map((gateway) => ({ gateway, table })));
  const byGateway = groupBy(pairs, (one) => one.gateway);
  const mesh = (byGateway.get('mesh') ?? []).map((one) => one.table);
  const byHost = groupBy(
    mesh.flatMap((table) => [...new Set(table.hosts.map((host) => host.toLowerCase()))].map((host) => ({ host, table }))),
    (one) => one.host,
  );
  return {
    inMesh: (host) => (byHost.get(host) ?? []).map((one) => one.table),
    wildcards: mesh.filter((table) => table.hosts.some(isWildcard)),
    at: (gateway) => (byGateway.get(gateway) ?? []).map((one) => one.table),
  };
});
