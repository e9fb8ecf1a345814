import { isObject, type Json } from '../../kit/json.ts';
import { items, strings, text } from '../json-path.ts';
import { scrapeCalls } from '../model/exposure/calls.ts';
import type { Model } from '../model/model.ts';
import { addressOf, type BackendRef } from '../model/pages/backends.ts';
import type { Prometheus } from '../model/pages/prometheus.ts';
import { jobScrapes, monitorScrapes, type ScrapeTarget } from '../model/pages/scraping.ts';
import { reachOf } from '../model/reach/reach.ts';
import { templateOf } from '../model/workloads.ts';
import { annotationsOf } from '../rules/pages/pod-annotations.ts';
import type { ProofObject } from '../types.ts';
import { DATA_PLANE } from './data-plane.ts';
import type { Draft } from './draft.ts';
import { namespaceGroup, type Place, type Places } from './places.ts';
import { addAddress } from './spans.ts';
import { addPlace } from './traffic.ts';

/** Adds who looks: Grafana's data sources, Kiali's backends, what Prometheus scrapes, where access logs go. */
export function addWatchers(model: Model, places: Places, draft: Draft): void {
  for (const one of model.dataSources) addRead(model, places, draft, one, reader(model, places, one, 'grafana'));
  for (const one of model.kialiBackends) addRead(model, places, draft, one, reader(model, places, one, 'kiali'));
  for (const one of model.prometheuses.all) addScrapes(model, places, draft, one);
  addLogs(model, places, draft);
}

function addRead(
  model: Model,
  places: Places,
  draft: Draft,
  { url, namespace, what }: BackendRef,
  from: Place | undefined,
): void {
  const address = addressOf(url);
  if (!address) return;
  const to = addAddress(model, places, draft, { ...address, namespace });
  const title = what.startsWith('Kiali') ? 'Kiali' : 'Grafana';
  const sender = from
    ? addPlace(model, places, draft, from)
    : draft.node({ id: `page/${namespace}/${title}`, kind: 'page', title, group: namespaceGroup(namespace) });
  draft.edge({ from: sender, to, kind: 'read', label: `:${address.port}` });
}

/** The page that asks: what a chart or operator makes of the object that says so, else the pods beside it that are named so. */
function reader(model: Model, places: Places, { at, namespace }: BackendRef, name: 'grafana' | 'kiali'): Place | undefined {
  const fits = ({ kind, title, lines }: Place) =>
    kind === 'page' && (title.includes(name) || lines?.some((one) => one.startsWith(name)) === true);
  const made = model.services.all.filter((one) => one.created && one.object === at.object).map(places.ofService);
  return made.find((one) => fits(one)) ?? places.all.find((one) => one.namespace === namespace && fits(one));
}

function addScrapes(model: Model, places: Places, draft: Draft, prometheus: Prometheus): void {
  const server = prometheus.workload
    ? places.ofWorkload(prometheus.workload)
    : model.services.all.filter((one) => model.prometheuses.behind(one) === prometheus).map(places.ofService)[0];
  if (!server) return;
  const from = addPlace(model, places, draft, server);
  const scrapes = scraper(model, prometheus);
  const scrape = (to: string) => draft.edge({ from, to, kind: 'metric', label: 'scrapes' });
  if (!prometheus.workload) {
    if (draft.has(DATA_PLANE.id) && scrapesEnvoy(model)) scrape(DATA_PLANE.id);
    for (const { service } of scrapeCalls(model)) scrape(addPlace(model, places, draft, places.ofService(service)));
  }
  for (const target of proxyTargets(model)) {
    if (!draft.has(DATA_PLANE.id) || !scrapes(target)) continue;
    scrape(DATA_PLANE.id);
    break;
  }
  for (const place of places.all) {
    if (!draft.has(place.id) || place === server || place.kind === 'app') continue;
    if (targetsOf(model, places, place).some(scrapes)) scrape(place.id);
  }
}

/** Whether a server is sure to scrape a target: by its jobs, or by the monitors that its operator reads. */
function scraper(model: Model, { is, config }: Prometheus): (target: ScrapeTarget) => boolean {
  const jobs = items(config?.value, 'scrape_configs').map(withoutSharing);
  const home = config?.object.namespace ?? '';
  const monitors = is === 'workload' ? [] : [...model.kind('ServiceMonitor'), ...model.kind('PodMonitor')];
  return (target) =>
    jobs.some((job) => jobScrapes(job, target, model.services, home) === 'yes') ||
    monitors.some((monitor) => monitorScrapes(monitor, target) === 'yes');
}

/** A PodMonitor that asks for Envoy's own path finds the port by annotations (Istio 1.30, samples/addons/extras). */
function scrapesEnvoy(model: Model): boolean {
  return model
    .kind('PodMonitor')
    .some(({ json }) => items(json, 'spec', 'podMetricsEndpoints').some((one) => text(one, 'path') === '/stats/prometheus'));
}

/** Rules that only keep a target from being scraped twice, or split targets among servers, do not say whether it is scraped. */
function withoutSharing(job: Json): Json {
  const rules = items(job, 'relabel_configs').filter(
    (one) => !/^(keepequal|dropequal|hashmod)$/i.test(text(one, 'action') ?? ''),
  );
  return isObject(job) ? { ...job, relabel_configs: rules } : job;
}

/** The two ports of a proxy: with the app's metrics merged in, as annotations of injection say, and its own (Istio 1.30). */
function proxyTargets(model: Model): ScrapeTarget[] {
  const meshed = reachOf(model).pods.filter(({ plane }) => plane === 'sidecar');
  return meshed.flatMap(({ namespace, labels }) => {
    const merged = [
      ['prometheus.io/scrape', 'true'],
      ['prometheus.io/port', '15020'],
      ['prometheus.io/path', '/stats/prometheus'],
    ] as const;
    const about = { namespace, labels: labels.values, services: [] };
    return [
      { ...about, port: 15020, portName: '', annotations: new Map(merged) },
      { ...about, port: 15090, portName: 'http-envoy-prom', annotations: new Map<string, string>() },
    ];
  });
}

/** Every port of a place at which it may be scraped. */
function targetsOf(model: Model, places: Places, place: Place): ScrapeTarget[] {
  const services = model.services.all.filter((one) => one.namespace === place.namespace && places.ofService(one) === place);
  const ports = services.flatMap((service) =>
    service.ports === 'unknown'
      ? []
      : service.ports.map(({ number, name, target }) => ({ service, port: number, portName: name, target })),
  );
  const [pods] = place.workloads;
  const annotations = place.program ? annotationsOf(place.program) : pods && annotationsAt(pods.object);
  const said = Number(annotations?.get('prometheus.io/port'));
  const numbers = new Set([
    ...ports.map(({ target, port }) => (typeof target === 'number' ? target : port)),
    ...place.workloads.flatMap((one) => one.ports.map(({ number }) => number)),
    ...(Number.isInteger(said) && said > 0 ? [said] : []),
  ]);
  return [...numbers].map((port) => ({
    ...{ namespace: place.namespace, port, annotations: annotations ?? new Map<string, string>() },
    portName: pods?.ports.find(({ number }) => number === port)?.name ?? '',
    labels: pods?.labels ?? place.program?.labels ?? new Map<string, string>(),
    services: ports.filter((one) => (typeof one.target === 'number' ? one.target : one.port) === port),
  }));
}

function annotationsAt(object: ProofObject): ReadonlyMap<string, string> | undefined {
  const template = templateOf(object);
  return template && strings(object.json, ...template, 'metadata', 'annotations');
}

const LOG_SERVICES: ReadonlySet<string> = new Set(['envoyOtelAls', 'envoyHttpAls', 'envoyTcpAls']);

/** Access logs that proxies send themselves, and those that a collector reads from the nodes' files. */
function addLogs(model: Model, places: Places, draft: Draft): void {
  const named = new Set(
    [...model.meshConfigs.flatMap(({ defaults }) => defaults), ...model.telemetries.flatMap(({ providers }) => providers)]
      .filter(({ signal }) => signal === 'accessLogging')
      .map(({ name }) => name),
  );
  for (const { providers, rootNamespace } of model.meshConfigs) {
    for (const { name, type, service, port } of providers) {
      if (!named.has(name) || !LOG_SERVICES.has(type) || service === undefined || port === undefined) continue;
      const to = addAddress(model, places, draft, { host: service.split('/').at(-1) ?? service, port, namespace: rootNamespace });
      draft.edge({ from: draft.node(DATA_PLANE), to, kind: 'log', label: `access logs :${port}` });
    }
  }
  for (const program of model.programs.all) {
    const place = places.ofProgram(program);
    const reads = [...(program.pipelines?.pipelines.values() ?? [])].some(
      ({ signal, receivers }) => signal === 'logs' && receivers.some(({ id }) => /^file_?log(\/|$)/.test(id)),
    );
    if (place && reads && draft.has(DATA_PLANE.id))
      draft.edge({
        from: DATA_PLANE.id,
        to: addPlace(model, places, draft, place),
        kind: 'log',
        label: 'log files of the nodes',
      });
  }
}
