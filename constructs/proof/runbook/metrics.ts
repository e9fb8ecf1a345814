import { byCodeUnit } from '../../kit/json.ts';
import { strings } from '../json-path.ts';
import { reachOf } from '../model/reach/reach.ts';
import type { Service } from '../model/services.ts';
import { selects } from '../model/workloads.ts';
import { dashboardLinks } from './dashboard-links.ts';
import type { RunbookFacts } from './facts.ts';
import { code, listed } from './markdown.ts';
import { openAt, type PrometheusPlace, prometheusAt } from './prometheus-at.ts';
import { type Asked, ofAll, ofConnections, ofPlainText, ofService, type Query } from './queries.ts';

/** The section with queries that Prometheus answers about the stack's own services. Empty without a Prometheus, or without services in the mesh. */
export function metricsSection(facts: RunbookFacts): string {
  const { ambient } = facts;
  const prometheus = prometheusAt(facts);
  const services = meshed(facts);
  const service = facts.app?.service ?? services[0];
  if (!prometheus || !service) return '';
  const others = [...new Set(services.map(({ name }) => name))].filter((name) => name !== service.name).sort(byCodeUnit);
  const spaces = [...new Set(services.map(({ namespace }) => namespace))].sort(byCodeUnit);
  const asked: Asked = { reporter: reporterOf(facts, service), service: service.name, namespace: service.namespace };
  const isAmbient = ambient.includes(service.namespace);
  const [requests] = ofService(asked);
  const everywhere: Asked = {
    ...asked,
    reporter: isAmbient ? 'source|waypoint' : 'source',
    namespace: spaces.join('|'),
  };
  return [
    '## Ask the metrics',
    'Every request is counted, whatever share of them is traced.',
    ...how(prometheus, requests),
    `### One service: \`${service.name}\``,
    ...theSameFor(others),
    promql(ofService(asked)),
    whoCounts(asked.reporter),
    '### All services',
    promql([...ofAll(everywhere), ...(isAmbient ? [] : ofPlainText(everywhere, 'requests'))]),
    `### Connections${isAmbient ? ', as ztunnel counts them' : ' of plain TCP'}`,
    promql([...ofConnections(everywhere), ...(isAmbient ? ofPlainText(everywhere, 'connections') : [])]),
    ...dashboardLinks(facts),
  ].join('\n\n');
}

/** A list that nobody reads to its end is cut. */
const MOST = 20;

function theSameFor(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MOST).map((name) => `\`${name}\``);
  const all = names.length > MOST ? `${shown.join(', ')} and ${names.length - MOST} others` : listed(shown);
  return [`The same for ${all}: put that name in.`];
}

/** Services whose pods are in the mesh. */
function meshed({ model }: RunbookFacts): Service[] {
  const { pods } = reachOf(model);
  return model.services.all.filter(
    ({ created, selector, namespace }) =>
      !created &&
      selector.size > 0 &&
      pods.some(
        (one) =>
          !one.gateway &&
          one.namespace === namespace &&
          (one.plane === 'sidecar' || one.plane === 'ambient') &&
          selects(selector, one.labels.values),
      ),
  );
}

/** Who counts all requests to a service once: its callers' proxies; itself, where a caller has none; its waypoint, where gateways go through it too. */
function reporterOf({ app, model, ambient }: RunbookFacts, service: Service): string {
  const own = ambient.includes(service.namespace);
  if (!own) return app && !app.entrance.door.proxy ? 'destination' : 'source';
  const labels = [
    strings(service.object.json, 'metadata', 'labels'),
    strings(reachOf(model).namespaces.object(service.namespace)?.json, 'metadata', 'labels'),
  ];
  const throughWaypoint = labels.some((one) => one.get('istio.io/ingress-use-waypoint') === 'true');
  return app?.waypoint && throughWaypoint ? 'waypoint' : 'source|waypoint';
}

function whoCounts(reporter: string): string {
  if (reporter === 'destination')
    return '`reporter="destination"` is the service\'s own proxy: callers from outside of the mesh count too, requests that never arrive do not.';
  if (reporter === 'source')
    return '`reporter="source"` is the caller\'s proxy: it counts what never arrives too. `reporter="destination"` asks the service\'s own proxy, which also sees callers from outside of the mesh.';
  return 'In ambient mode waypoints count requests (`reporter="waypoint"`), and gateways those that they send on (`reporter="source"`). Pods without a waypoint have connections only, below.';
}

function promql(queries: readonly Query[]): string {
  return code([queries.map(({ what, promql: query }) => `# ${what}\n${query}`).join('\n\n')], 'promql');
}

/** Where a query is asked. */
function how(prometheus: PrometheusPlace, example: Query | undefined): string[] {
  const { command, near } = prometheus;
  return [
    `On the page of Prometheus: ${openAt(prometheus, '/query')}. From a terminal:`,
    code([`${command} &`, `curl -sG '${near}/api/v1/query' --data-urlencode 'query=${example?.promql ?? 'up'}'`]),
  ];
}
