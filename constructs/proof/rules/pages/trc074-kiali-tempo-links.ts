import { nearest } from '../../../kit/nearest.ts';
import { fields } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Kiali } from '../../model/pages/kiali.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { reach } from './queries.ts';

export const kialiTempoLinks: Rule = {
  code: 'TRC074',
  title: 'Kiali has no link from a trace to Grafana',
  severity: 'warning',
  run: (model) => model.kialis.flatMap((kiali) => (asksTempo(model, kiali) ? (linkFault(model, kiali) ?? []) : [])),
  docs: {
    cause:
      'With Tempo, “View in Tracing” leads to Grafana (`url_format: grafana`, the default): Kiali needs Grafana’s address as a browser sees it, `grafana.external_url`, and the uid of the Tempo data source. Without the address there is no link, without the uid it opens the default data source (kiali#6952). It is an info while nothing about these links is set.',
    fix: 'Set `external_services.grafana.external_url` and `tracing.tempo_config.datasource_uid`.',
    example:
      'external_services:\n  tracing: {enabled: true, provider: tempo, internal_url: "http://tempo:3200", tempo_config: {datasource_uid: tempo}}\n  grafana: {enabled: true, internal_url: "http://grafana:3000"}   # no external_url',
  },
};

/** Whether it may be a Tempo that Kiali takes for one: TRC060 tells of others. */
function asksTempo(model: Model, { tracing: { url }, namespace }: Kiali): boolean {
  const program = url === undefined ? undefined : reach(model, { url, namespace })?.program;
  return program === undefined || program.is === 'tempo';
}

function linkFault(model: Model, { tracing, grafana, spot, config }: Kiali): Fault | undefined {
  const { enabled, provider, urlFormat, dataSource } = tracing;
  if (enabled !== true || provider !== 'tempo' || urlFormat !== 'grafana' || config.partial) return undefined;
  // A misspelt section is told by its own rule.
  const services = fields(config.value, 'external_services');
  if (services.grafana === undefined && nearest('grafana', Object.keys(services)) !== undefined) return undefined;
  if (!grafana.on || grafana.externalUrl === undefined) {
    return {
      at: spot(['grafana']),
      severity: dataSource ? 'warning' : 'info',
      message: 'links from a trace lead to Grafana, but its address for browsers is not set',
      hint: grafana.on ? 'set external_services.grafana.external_url' : 'enable grafana and set its external_url',
    };
  }
  if (dataSource) return undefined;
  const uid = model.grafana.sources.find((one) => one.type === 'tempo')?.uid;
  return {
    at: spot(['tracing', 'tempo_config']),
    message: 'links from a trace open Grafana’s default data source, for the uid of Tempo’s is not set',
    hint: `set tempo_config.datasource_uid${uid === undefined ? '' : `: ${uid}`}`,
  };
}
