import { rememberList } from '../../kit/remember.ts';
import { groupBy } from '../group-by.ts';
import type { Config } from '../read/config.ts';
import { type BrokenConfig, configsOf } from '../read/configs.ts';
import type { ProofObject } from '../types.ts';
import { installedByIstio } from './installed.ts';
import { type Telemetry, telemetriesOf } from './mesh/telemetry.ts';
import { type BackendRef, dataSources, kialiBackends } from './pages/backends.ts';
import { type Dashboard, dashboardsOf } from './pages/dashboards.ts';
import { type Grafana, grafanaOf } from './pages/grafana.ts';
import { type Kiali, kialisOf } from './pages/kiali.ts';
import { type Prometheuses, prometheusesOf } from './pages/prometheus.ts';
import type { Service } from './services.ts';
import { type Programs, programsOf } from './spans/programs.ts';
import { statedWorkloads, type Workload } from './workloads.ts';

/** What runs in a world: the pods, their programs and configurations, and the pages people look at. */
export interface Running {
  readonly configs: readonly Config[];
  readonly brokenConfigs: readonly BrokenConfig[];
  /** Services that an installer of Istio makes. */
  readonly installed: readonly Service[];
  readonly workloads: readonly Workload[];
  workloadsIn(namespace: string): readonly Workload[];
  /** What takes spans. */
  readonly programs: Programs;
  readonly telemetries: readonly Telemetry[];
  readonly grafana: Grafana;
  readonly dashboards: readonly Dashboard[];
  readonly kialis: readonly Kiali[];
  readonly prometheuses: Prometheuses;
  readonly dataSources: readonly BackendRef[];
  readonly kialiBackends: readonly BackendRef[];
}

// Kinds that only say where traffic goes and what holds for it: what runs is read without them.
const DIRECTING: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['networking.istio.io', new Set(['VirtualService', 'DestinationRule', 'Gateway', 'ServiceEntry', 'Sidecar', 'EnvoyFilter'])],
  ['security.istio.io', new Set(['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'])],
  ['extensions.istio.io', new Set(['WasmPlugin', 'TrafficExtension'])],
  ['networking.k8s.io', new Set(['Ingress', 'IngressClass'])],
  ['gateway.networking.k8s.io', new Set(['Gateway', 'HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'ReferenceGrant'])],
]);

/** Reads what runs; of a stack and those of its variants that only direct traffic, once. */
export function runningOf(objects: readonly ProofObject[]): Running {
  return readRunning(objects.filter(({ group, kind }) => DIRECTING.get(group)?.has(kind) !== true));
}

const readRunning = rememberList((objects: readonly ProofObject[]): Running => {
  const { configs, broken } = configsOf(objects);
  const installed = installedByIstio(objects);
  const workloads = [...statedWorkloads(objects), ...installed.workloads];
  const byNamespace = groupBy(workloads, (workload) => workload.namespace);
  const grafana = grafanaOf(objects, configs, workloads);
  const kialis = kialisOf(configs);
  return {
    configs,
    brokenConfigs: broken,
    installed: installed.services,
    workloads,
    workloadsIn: (namespace) => byNamespace.get(namespace) ?? [],
    programs: programsOf(objects, configs, workloads),
    telemetries: telemetriesOf(objects),
    grafana,
    dashboards: dashboardsOf(objects),
    kialis,
    prometheuses: prometheusesOf(objects, configs, workloads),
    dataSources: dataSources(grafana),
    kialiBackends: kialiBackends(kialis),
  };
});
