import type { JsonObject } from '../../../../constructs/kit/json.ts';
import { at, items, text } from '../../../../constructs/proof/json-path.ts';
import type { EnvoyDump } from './dump.ts';

/** A share of what a route or a TCP proxy sends on. */
export interface Share {
  readonly cluster: string;
  readonly percent: number;
}

/** Who gets which share: the one cluster, or the weighted ones; those of weight 0 are left out. */
export function sharesOf(action: JsonObject): Share[] {
  const { cluster } = action;
  if (typeof cluster === 'string') return [{ cluster, percent: 100 }];
  const weighted = items(action, 'weightedClusters', 'clusters').map((one) => ({
    cluster: text(one, 'name') ?? '',
    weight: Number(at(one, 'weight') ?? 0),
  }));
  const whole = weighted.reduce((sum, { weight }) => sum + weight, 0);
  return weighted.filter(({ weight }) => weight > 0).map(({ cluster, weight }) => ({ cluster, percent: (weight * 100) / whole }));
}

/** What Istio's name of an outbound cluster says: `outbound|9080|v2|reviews.bookinfo.svc.cluster.local`. */
export function parseCluster(name: string): { readonly host: string; readonly subset: string | null; readonly port: number } {
  const [direction, port, subset, host] = name.split('|');
  if (direction !== 'outbound' || host === undefined) return { host: name, subset: null, port: 0 };
  return { host, subset: subset || null, port: Number(port) };
}

/** What is told of a cluster beside its name. */
export interface ClusterFacts {
  /** `namespace/name`, sorted; undefined where the client itself chooses the pod (a headless Service) or DNS does. */
  readonly workloads: readonly string[] | undefined;
  /** Envoy's policy, in Istio's words; undefined where there is no such cluster. */
  readonly loadBalancing: string | undefined;
  readonly mtls: 'mutual' | 'plain' | 'tls' | 'mixed' | undefined;
}

const policies: Readonly<Record<string, string>> = {
  RING_HASH: 'consistent hash',
  MAGLEV: 'consistent hash',
  CLUSTER_PROVIDED: 'PASSTHROUGH',
};

/** Reads a cluster and its endpoints. */
export function clusterFacts(dump: EnvoyDump, name: string): ClusterFacts {
  const cluster = dump.clusters.get(name);
  if (!cluster) return { workloads: [], loadBalancing: undefined, mtls: undefined };
  const policy = text(cluster, 'lbPolicy') ?? 'ROUND_ROBIN';
  const workloads = (dump.endpoints.get(name) ?? []).flatMap(({ workload }) => workload ?? []);
  return {
    workloads: cluster.type === 'EDS' || cluster.type === undefined ? [...new Set(workloads)].sort() : undefined,
    loadBalancing: policies[policy] ?? policy,
    mtls: mtlsOf(dump, name, cluster),
  };
}

function mtlsOf(dump: EnvoyDump, name: string, cluster: JsonObject): ClusterFacts['mtls'] {
  // By endpoint: Istio's own mutual TLS for who can do it.
  if (items(cluster, 'transportSocketMatches').length > 0) {
    const endpoints = dump.endpoints.get(name) ?? [];
    const mutual = endpoints.filter((endpoint) => endpoint.mutual).length;
    if (endpoints.length === 0) return undefined;
    return mutual === endpoints.length ? 'mutual' : mutual === 0 ? 'plain' : 'mixed';
  }
  if (at(cluster, 'transportSocket') === undefined) return 'plain';
  const certificates = items(cluster, 'transportSocket', 'typedConfig', 'commonTlsContext', 'tlsCertificateSdsSecretConfigs');
  return certificates.length > 0 ? 'mutual' : 'tls';
}
