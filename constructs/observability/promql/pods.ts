/**
 * Names of the pods of workloads, as a regular expression that takes no others: Kubernetes' random suffixes hold no vowels, so that
 * `jaeger` does not mean the pods of `jaeger-collector` too. Deployments append two suffixes, StatefulSets and DaemonSets one.
 *
 * @param names of the workloads, or one variable: `['$workload']`
 */
export function podsOf(names: readonly string[]): string {
  const [name = '', ...others] = [...new Set(names)];
  return `${others.length === 0 ? name : `(${[name, ...others].join('|')})`}(-[b-df-hj-np-tv-z0-9]+){1,2}`;
}
