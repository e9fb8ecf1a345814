import { groupBy } from '../group-by.ts';
import { claimedConfig } from '../read/configs.ts';
import type { ProofObject, World } from '../types.ts';
import { chartServices } from './chart-services.ts';
import { createdServices, makers, mayBeMade } from './created.ts';
import { type DestinationRules, destinationRuleIndex } from './destination-rules.ts';
import { type Gateways, gatewayIndex } from './gateways.ts';
import { type MeshConfig, meshConfigs } from './mesh/mesh-config.ts';
import { knownNamespaces } from './namespaces.ts';
import { type Route, routesOf } from './routes.ts';
import { type Running, runningOf } from './running.ts';
import { type Services, serviceIndex, statedServices } from './services.ts';
import { agentsOf } from './spans/agents.ts';
import { type Hops, hopsOf } from './spans/hops.ts';

/** A world in the mesh's own words: what rules, edges and explanations ask. */
export interface Model extends Omit<Running, 'installed'> {
  readonly world: World;
  readonly objects: readonly ProofObject[];
  /** The objects of a kind (core group or any other), in input order. */
  kind(kind: string): readonly ProofObject[];
  readonly services: Services;
  /** The objects of a namespace from which operators make Services and pods that the input does not hold. */
  makersIn(namespace: string): readonly ProofObject[];
  /** Whether the input shows all of a namespace, so that what is not there is missing. */
  isKnown(namespace: string): boolean;
  readonly gateways: Gateways;
  readonly routes: readonly Route[];
  readonly destinationRules: DestinationRules;
  readonly meshConfigs: readonly MeshConfig[];
  /** The steps of spans, from the proxies to the backends. */
  readonly hops: Hops;
}

/** Reads a world once; everything is indexed, so that rules stay linear. */
export function modelOf(world: World): Model {
  const { objects, claim } = world;
  const { installed, ...running } = runningOf(objects);
  const { workloads, programs } = running;
  const configs = [...(claim ? [claimedConfig(claim)] : []), ...running.configs];
  const services = [...statedServices(objects), ...installed, ...createdServices(objects, configs), ...chartServices(objects)];
  const makersIn = makers(objects);
  const { isKnown, showsServices } = knownNamespaces(world, services, workloads);
  const byKind = groupBy(objects, (object) => object.kind);
  const index = serviceIndex(services, objects, showsServices, mayBeMade(makersIn));
  const meshes = meshConfigs(configs);
  return {
    ...running,
    world,
    objects,
    kind: (kind) => byKind.get(kind) ?? [],
    configs,
    services: index,
    makersIn,
    isKnown,
    gateways: gatewayIndex(objects),
    routes: routesOf(objects),
    destinationRules: destinationRuleIndex(objects),
    meshConfigs: meshes,
    hops: hopsOf(meshes, index, programs, agentsOf(objects, workloads)),
  };
}
