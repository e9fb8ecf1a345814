import { at } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { generatorOf } from '../../model/pages/metrics-writers.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import type { ProofObject } from '../../types.ts';
import { reach } from './queries.ts';

export const serviceMap: Rule = {
  code: 'TRC067',
  title: 'a service map that nobody makes the metrics for',
  severity: 'warning',
  run: (model) => {
    let made: boolean | undefined;
    return model.grafana.sources.flatMap((source) => {
      const { type, url, namespace, json, name } = source;
      const path = ['jsonData', 'serviceMap', 'datasourceUid'];
      if (type !== 'tempo' || url === undefined || at(json, ...path) === undefined) return [];
      const program = reach(model, { url, namespace })?.program;
      const generator = program && generatorOf(program);
      // Without any processor TRC068 tells of it.
      const half = generator?.processors?.length === 0 && generator.writes.length > 0;
      if (!generator?.processors || half || makesGraph(generator.processors)) return [];
      made ??= mayMakeGraph(model);
      if (made) return [];
      return [
        {
          at: source.spot(path),
          message: `data source "${name}" shows a service map, but nothing makes traces_service_graph metrics: ${generator.config.object.id} has no processor service-graphs`,
          hint: 'add service-graphs to overrides.defaults.metrics_generator.processors and a remote_write, or a service_graph connector to the collector',
        },
      ];
    });
  },
  docs: {
    cause:
      'Grafana draws the service map of Tempo from the metrics `traces_service_graph_*` in a Prometheus. They come from Tempo’s metrics generator, with the processor service-graphs, or from a collector’s service_graph connector. Neither is set up, so the tab stays empty.',
    fix: 'Switch the processor on and let the generator write to a Prometheus, or put a service_graph connector between a traces and a metrics pipeline.',
    example:
      'overrides:\n  defaults:\n    metrics_generator: {processors: [span-metrics]}   # Tempo; the data source has serviceMap.datasourceUid',
  },
};

function makesGraph(processors: readonly string[]): boolean {
  return processors.some((one) => one.startsWith('service-graphs'));
}

// The chart of the operator makes none without a collector.
const MAKERS = /alloy|grafana-agent|k8s-monitoring|opentelemetry(?!-operator$)|tempo|beyla/;

/** Whether something else of the input makes the metrics, or may do so. */
function mayMakeGraph(model: Model): boolean {
  const { programs } = model;
  return (
    // One that is declared and not in use is told as such.
    programs.pipelines.some(({ components }) =>
      [...components.connectors.values()].some(({ type }) => type === 'service_graph'),
    ) ||
    programs.all.some((one) => one.is === 'collector' && !one.pipelines) ||
    programs.all.some((one) => makesGraph(generatorOf(one)?.processors ?? [])) ||
    chartReleases(model.objects).some(
      ({ chart, object }) => chart === undefined || (MAKERS.test(chart) && !isRead(model, object)),
    ) ||
    // Alloy, Beyla.
    model
      .kind('ConfigMap')
      .some(({ json }) => /otelcol\.connector\.servicegraph|application_service_graph/.test(JSON.stringify(json)))
  );
}

/** Whether a release is of a program whose configuration is read: it makes what that says. */
function isRead({ programs }: Model, release: ProofObject): boolean {
  return programs.all.some((one) => one.object === release && generatorOf(one)?.processors !== undefined);
}
