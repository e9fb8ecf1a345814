import { fields, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { connectorsInUse } from '../../model/pages/metrics-writers.ts';
import { jobScrapes, monitorScrapes, type ScrapeTarget } from '../../model/pages/scraping.ts';
import { anyOf, type Match } from '../../model/reach/label-selector.ts';
import { type Component, isOpen } from '../../model/spans/components.ts';
import type { Program } from '../../model/spans/programs.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { scrapeJobFaults } from '../observability/obs022-scrape-job.ts';
import { annotationsOf } from './pod-annotations.ts';

export const spanMetrics: Rule = {
  code: 'TRC077',
  title: 'nobody scrapes the metrics made of spans',
  severity: 'warning',
  run: (model) => {
    const found = model.programs.all.flatMap((program) => exporters(program).map((one) => ({ program, ...one })));
    // A job that misses its Service is told by OBS022.
    if (found.length === 0 || scrapeJobFaults(model).length > 0) return [];
    const ways = waysTo(model);
    const isScraped = scraping(model);
    return found.flatMap(({ program, exporter, port }) => {
      const leading = ways.get(program) ?? [];
      // That no Service leads to it is told where it is missed.
      if (leading.length === 0 && model.isKnown(program.namespace)) return [];
      const target = targetOf(program, port, leading);
      if (!target || isScraped(program, target) !== 'no') return [];
      return [
        {
          at: exporter.at,
          message: `exporter ${exporter.id} shows the metrics of spans at port ${port}, but no Prometheus of the input scrapes it`,
          hint: 'add a scrape job or a monitor for that port, or let the annotation prometheus.io/port name it',
        },
      ];
    });
  },
  docs: {
    cause:
      'A collector turns spans into metrics (span_metrics, service_graph) and shows them by its prometheus exporter, at a port of its own. The Prometheus of the input scrapes other ports only: annotations name one port for a pod, usually 8888, which has the collector’s own metrics. Panels and alerts on span metrics stay empty. Said only where all scrape jobs can be read.',
    fix: 'Scrape the port: a job, a ServiceMonitor with the port’s name, or `prometheus.io/port`; or push with a prometheus_remote_write exporter.',
    example: 'exporters: {prometheus: {endpoint: "0.0.0.0:8889"}}   # the pod says prometheus.io/port: "8888"',
  },
};

const SPANS: ReadonlySet<string> = new Set(['span_metrics', 'service_graph']);

function exporters({ is, pipelines }: Program): { exporter: Component; port: number }[] {
  if (is !== 'collector' || !pipelines) return [];
  const made = new Set(connectorsInUse(pipelines, SPANS));
  const ids = new Set(
    [...pipelines.pipelines.values()]
      .filter((one) => one.receivers.some((ref) => made.has(ref.id)))
      .flatMap((one) => one.exporters.map((ref) => ref.id)),
  );
  return [...pipelines.components.exporters.values()].flatMap((exporter) => {
    const endpoint = text(fields(exporter.value), 'endpoint');
    const port = Number(/:(\d+)$/.exec(endpoint ?? '')?.[1]);
    const open = isOpen(endpoint) && !Number.isInteger(port);
    return exporter.type === 'prometheus' && ids.has(exporter.id) && Number.isInteger(port) && !open ? [{ exporter, port }] : [];
  });
}

type Way = ScrapeTarget['services'][number] & { readonly containerPort: number };

/** The Services' ports that lead to each program. */
function waysTo(model: Model): Map<Program, Way[]> {
  const found = new Map<Program, Way[]>();
  for (const service of model.services.all) {
    if (service.ports === 'unknown') continue;
    for (const { number: port, name: portName } of service.ports) {
      const behind = model.programs.behind(service, port);
      if (!behind) continue;
      const way = { service, port, portName, containerPort: behind.containerPort };
      const ways = found.get(behind.program);
      if (ways) ways.push(way);
      else found.set(behind.program, [way]);
    }
  }
  return found;
}

function targetOf(program: Program, port: number, ways: readonly Way[]): ScrapeTarget | undefined {
  const { namespace, labels, workload } = program;
  const annotations = annotationsOf(program);
  if (!annotations) return undefined;
  const portName = workload?.ports.find((one) => one.number === port)?.name ?? '';
  const services = ways.filter((one) => one.containerPort === port);
  return { namespace, port, portName, labels, annotations, services };
}

/** Whether somebody scrapes a target; `maybe` where somebody unseen may do so. What does not depend on the target is found out once. */
function scraping(model: Model): (program: Program, target: ScrapeTarget) => Match {
  const { prometheuses, objects, configs, services } = model;
  const files = configs.filter((one) => one.kind === 'prometheus');
  const open =
    prometheuses.all.length === 0 ||
    hasOtherScrapers(model) ||
    prometheuses.all.some((one) => one.is === 'workload' && !one.config) ||
    files.some(({ value }) => value.scrape_config_files !== undefined);
  if (open) return () => 'maybe';
  const monitors = objects.filter(({ group, kind }) => group === 'monitoring.coreos.com' && /^(Service|Pod)Monitor$/.test(kind));
  const operated = prometheuses.all.filter((one) => one.is !== 'workload');
  // With an operator and no monitor in the input the monitors are elsewhere.
  const unseen =
    operated.length > 0 &&
    (monitors.length === 0 || operated.some(({ object }) => JSON.stringify(object.json).includes('dditionalScrapeConfigs')));
  if (unseen) return () => 'maybe';
  const jobs = files.flatMap(({ value, object }) =>
    items(value, 'scrape_configs').map((job) => ({ job, namespace: object.namespace })),
  );
  return (program, target) => {
    if (operated.length > 0 && observes(program)) return 'maybe';
    const monitored = operated.length > 0 ? anyOf(monitors.map((monitor) => monitorScrapes(monitor, target))) : 'no';
    if (monitored === 'yes') return 'yes';
    const scraped = new Set<Match>([monitored]);
    for (const { job, namespace } of jobs) {
      const match = jobScrapes(job, target, services, namespace);
      if (match === 'yes') return 'yes';
      scraped.add(match);
    }
    return anyOf(scraped);
  };
}

/** Whether the operator makes monitors for a collector. */
function observes({ object }: Program): boolean {
  const observability = fields(object.json, 'spec', 'observability', 'metrics');
  return observability.enableMetrics === true;
}

const SCRAPERS = /alloy|grafana-agent|k8s-monitoring|victoria|opentelemetry|prometheus$|datadog/;

/** Agents of other kinds, and collectors that scrape. */
function hasOtherScrapers({ objects, programs }: Model): boolean {
  return (
    chartReleases(objects).some(({ chart }) => chart === undefined || SCRAPERS.test(chart)) ||
    objects.some(({ group, kind }) => group === 'operator.victoriametrics.com' || kind === 'ScrapeConfig') ||
    programs.pipelines.some(({ components }) => [...components.receivers.values()].some((one) => one.type === 'prometheus'))
  );
}
