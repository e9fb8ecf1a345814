import { items } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { writersOf } from '../../model/pages/metrics-writers.ts';
import type { Prometheus } from '../../model/pages/prometheus.ts';
import type { Rule } from '../../rule.ts';
import { reach } from './queries.ts';

export const exemplars: Rule = {
  code: 'TRC070',
  title: 'exemplars are wanted of a Prometheus that keeps none',
  severity: 'warning',
  run: (model) =>
    wanted(model).flatMap(({ who, prometheus }) =>
      prometheus?.keepsExemplars === false
        ? [
            {
              at: prometheus.at,
              message: `${who}, but this Prometheus keeps no exemplars`,
              hint: SWITCH[prometheus.is],
              cause: `exemplars ${prometheus.object.id}`,
            },
          ]
        : [],
    ),
  docs: {
    cause:
      'A data source has `exemplarTraceIdDestinations`, or Tempo sends exemplars, so that a point of a graph leads to its trace. Prometheus keeps exemplars only with the feature `exemplar-storage`: without it no point has one.',
    fix: 'Start Prometheus with `--enable-feature=exemplar-storage`, or `enableFeatures: [exemplar-storage]` of a Prometheus object.',
    example:
      'datasources:\n- {name: Prometheus, type: prometheus, url: "http://prometheus:9090", jsonData: {exemplarTraceIdDestinations: [{name: trace_id, datasourceUid: tempo}]}}',
  },
};

const SWITCH: Readonly<Record<Prometheus['is'], string>> = {
  workload: 'add the argument --enable-feature=exemplar-storage',
  resource: 'set spec.enableFeatures: [exemplar-storage]',
  chart: 'set prometheus.prometheusSpec.enableFeatures: [exemplar-storage]',
};

function wanted(model: Model): { who: string; prometheus: Prometheus | undefined }[] {
  const sources = model.grafana.sources.flatMap(({ name, url, namespace, json, type }) => {
    const links = items(json, 'jsonData', 'exemplarTraceIdDestinations');
    if (type !== 'prometheus' || url === undefined || links.length === 0) return [];
    return [{ who: `data source "${name}" links exemplars to traces`, prometheus: reach(model, { url, namespace })?.prometheus }];
  });
  const writers = writersOf(model.programs)
    .filter((writer) => writer.sendsExemplars)
    .map((writer) => ({ who: `${writer.what} sends exemplars`, prometheus: reach(model, writer)?.prometheus }));
  return [...sources, ...writers];
}
