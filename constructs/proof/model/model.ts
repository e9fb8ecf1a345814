import { groupBy } from '../group-by.ts';
import type { Config } from '../read/config.ts';
import { type BrokenConfig, configsOf } from '../read/configs.ts';
import type { ProofObject, World } from '../types.ts';
import { createdServices, makers, mayBeMade } from './created.ts';
import { type DestinationRules, destinationRuleIndex } from './destination-rules.ts';
import { type Gateways, gatewayIndex } from './gateways.ts';
import { installedByIstio } from './installed.ts';
import { type MeshConfig, meshConfigs } from './mesh/mesh-config.ts';
import { type Telemetry, telemetriesOf } from './mesh/telemetry.ts';
import { knownNamespaces } from './namespaces.ts';
import { type BackendRef, dataSources, kialiBackends } from './pages/backends.ts';
import { type Dashboard, dashboardsOf } from './pages/dashboards.ts';
import { type Grafana, grafanaOf } from './pages/grafana.ts';
import { type Kiali, kialisOf } from './pages/kiali.ts';
import { type Prometheuses, prometheusesOf } from './pages/prometheus.ts';
import { type Route, routesOf } from './routes.ts';
import { type Services, serviceIndex, statedServices } from './services.ts';
import { type Hops, hopsOf } from './spans/hops.ts';
import { type Programs, programsOf } from './spans/programs.ts';
import { statedWorkloads, type Workload } from './workloads.ts';

/** A world in the mesh's own words: what rules, edges and explanations ask. */
export interface Model {
  readonly world: World;
  readonly objects: readonly ProofObject[];
  /** The objects of a kind (core group or any other), in input order. */
  kind(kind: string): readonly ProofObject[];
  readonly configs: readonly Config[];
  readonly brokenConfigs: readonly BrokenConfig[];
  readonly services: Services;
  readonly workloads: readonly Workload[];
  workloadsIn(namespace: string): readonly Workload[];
  /** The objects of a namespace from which operators make Services and pods that the input does not hold. */
  makersIn(namespace: string): readonly ProofObject[];
  /** Whether the input shows all of a namespace, so that what is not there is missing. */
  isKnown(namespace: string): boolean;
  readonly gateways: Gateways;
  readonly routes: readonly Route[];
  readonly destinationRules: DestinationRules;
  readonly meshConfigs: readonly MeshConfig[];
  /** What takes spans. */
  readonly programs: Programs;
  /** The steps of spans, from the proxies to the backends. */
  readonly hops: Hops;
  readonly telemetries: readonly Telemetry[];
  readonly grafana: Grafana;
  readonly dashboards: readonly Dashboard[];
  readonly kialis: readonly Kiali[];
  readonly prometheuses: Prometheuses;
  readonly dataSources: readonly BackendRef[];
  readonly kialiBackends: readonly BackendRef[];
}

/** Reads a world once; everything is indexed, so that rules stay linear. */
export function modelOf(world: World): Model {
  const { objects } = world;
  const { configs, broken } = configsOf(world);
  const installed = installedByIstio(objects);
  const services = [...statedServices(objects), ...installed.services, ...createdServices(objects, configs)];
  const workloads = [...statedWorkloads(objects), ...installed.workloads];
  const makersIn = makers(objects);
  const isKnown = knownNamespaces(world, services, workloads);
  const grafana = grafanaOf(objects, configs, workloads);
  const kialis = kialisOf(configs);
  const byKind = groupBy(objects, (object) => object.kind);
  const byNamespace = groupBy(workloads, (workload) => workload.namespace);
  const index = serviceIndex(services, objects, isKnown, mayBeMade(makersIn));
  const meshes = meshConfigs(configs);
  const programs = programsOf(objects, configs, workloads);
  return {
    world,
    objects,
    kind: (kind) => byKind.get(kind) ?? [],
    configs,
    brokenConfigs: broken,
    services: index,
    workloads,
    workloadsIn: (namespace) => byNamespace.get(namespace) ?? [],
    makersIn,
    isKnown,
    gateways: gatewayIndex(objects),
    routes: routesOf(objects),
    destinationRules: destinationRuleIndex(objects),
    meshConfigs: meshes,
    programs,
    hops: hopsOf(meshes, index, programs),
    telemetries: telemetriesOf(objects),
    grafana,
    dashboards: dashboardsOf(objects),
    kialis,
    prometheuses: prometheusesOf(objects, configs, workloads),
    dataSources: dataSources(grafana),
    kialiBackends: kialiBackends(kialis),
  };
}
