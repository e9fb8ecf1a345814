import { at, fields, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { connectorsInUse } from '../../model/pages/metrics-writers.ts';
import { isJaeger1 } from '../../model/pages/query-api.ts';
import { optionValues } from '../../model/spans/containers.ts';
import type { Program } from '../../model/spans/programs.ts';
import { templateOf } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';

export const dependencyGraph: Rule = {
  code: 'TRC072',
  title: 'Jaeger’s dependency graph stays empty with this storage',
  severity: 'info',
  run: (model) => {
    const stored = model.programs.all.flatMap((program) => {
      const storage = storageOf(program);
      return storage !== undefined && UNCOUNTED.has(storage) ? [{ program, storage }] : [];
    });
    if (stored.length === 0 || isCounted(model)) return [];
    return stored.map(({ program, storage }) => ({
      at: program.at,
      message: `the page System Architecture of this Jaeger stays empty: with ${storage} it does not count who calls whom`,
      hint: 'run the spark-dependencies job, or let a collector’s service_graph connector make the graph as metrics',
      cause: `dependency graph ${program.object.id}`,
    }));
  },
  docs: {
    cause:
      'Jaeger works the dependency graph out by itself only from traces in memory or in Badger. With Elasticsearch, OpenSearch or Cassandra a job of its own, jaegertracing/spark-dependencies, has to write it; there is none in the input.',
    fix: 'Add the job, or use the graph of Kiali, or a service_graph connector with Prometheus and Grafana.',
    example: 'extensions:\n  jaeger_storage: {backends: {main: {elasticsearch: {server_urls: ["http://elastic:9200"]}}}}',
  },
};

const UNCOUNTED: ReadonlySet<string> = new Set(['elasticsearch', 'opensearch', 'cassandra']);
const GRAPH: ReadonlySet<string> = new Set(['service_graph']);

function storageOf(program: Program): string | undefined {
  const { is, config, container } = program;
  if (is !== 'jaeger') return undefined;
  if (isJaeger1(program))
    return (
      (container && optionValues(container.args, 'span-storage.type')[0]) ??
      container?.env.get('SPAN_STORAGE_TYPE')?.value ??
      'memory'
    );
  const name = text(config?.value, 'extensions', 'jaeger_query', 'storage', 'traces');
  return Object.keys(fields(config?.value, 'extensions', 'jaeger_storage', 'backends', name ?? ''))[0];
}

function isCounted(model: Model): boolean {
  return (
    model.programs.pipelines.some((one) => connectorsInUse(one, GRAPH).length > 0) ||
    model.objects.some((object) => {
      const template = object.kind === 'CronJob' || object.kind === 'Job' ? templateOf(object) : undefined;
      const images = template ? items(object.json, ...template, 'spec', 'containers').map((one) => at(one, 'image')) : [];
      return images.some((image) => typeof image === 'string' && image.includes('dependencies'));
    })
  );
}
