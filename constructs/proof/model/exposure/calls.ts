import { remember } from '../../../kit/remember.ts';
import { fields, strings } from '../../json-path.ts';
import { gatewayWorkloads } from '../gateways.ts';
import { fullHost } from '../hosts.ts';
import type { Model } from '../model.ts';
import type { Prometheus } from '../pages/prometheus.ts';
import { type Call, type PodIndex, podIndex } from '../reach/calls.ts';
import type { Pods } from '../reach/pods.ts';
import { type Reach, reachOf } from '../reach/reach.ts';
import type { Destination, Route } from '../routes.ts';
import type { Service } from '../services.ts';
import { selects, type Workload, workload } from '../workloads.ts';
import { type IngressClass, servedBy } from './ingress-classes.ts';
import { serviceTargets } from './monitor-targets.ts';
import { type Monitor, monitorsOf } from './monitors.ts';

/** A call that a route of an Ingress makes its controller do. */
export interface IngressCall extends Call {
  readonly route: Route;
}

/** A call by which a Prometheus scrapes what a monitor selects. */
export interface ScrapeCall extends Call {
  readonly monitor: Monitor;
  readonly https: boolean;
}

/** What controllers of Ingresses call; without senders where the input does not show the controller. */
export const ingressCalls: (model: Model) => readonly IngressCall[] = remember((model) => {
  const reach = reachOf(model);
  const pods = indexOf(model, reach);
  return model.routes
    .filter(({ api }) => api === 'ingress')
    .flatMap((route) => {
      const classes = servedBy(model, route.object);
      const from = [...new Set(classes.flatMap((one) => controllerPods(reach, pods, one)))];
      return route.destinations.flatMap((to): IngressCall[] => {
        const found = target(model, route, to);
        if (!found) return [];
        const about = { what: `Ingress ${route.object.namespace}/${route.object.name}`, at: to.hostAt, span: false } as const;
        return [{ ...about, by: 'program', from, ...found, to: pods.behind(found.service), route }];
      });
    });
});

/** What the pods of Gateways call, by the routes bound to them. */
export const gatewayCalls: (model: Model) => readonly Call[] = remember((model) => {
  const reach = reachOf(model);
  const pods = indexOf(model, reach);
  return model.routes
    .filter(({ gateways }) => gateways.length > 0)
    .flatMap((route) => {
      const from = [...new Set(route.gateways.flatMap((ref) => podsOfGateway(model, { reach, pods }, ref)))];
      if (from.length === 0) return [];
      return route.destinations.flatMap((to): Call[] => {
        const found = target(model, route, to);
        const what = `${route.object.kind} ${route.object.namespace}/${route.object.name}`;
        return found ? [{ what, at: to.hostAt, by: 'proxy', span: false, from, ...found, to: pods.behind(found.service) }] : [];
      });
    });
});

/** What the Prometheus servers of the input scrape by ServiceMonitors. */
export const scrapeCalls: (model: Model) => readonly ScrapeCall[] = remember((model) => {
  const reach = reachOf(model);
  const pods = indexOf(model, reach);
  const from = model.prometheuses.all.flatMap((one) => serverPods(reach, pods, one));
  if (from.length === 0) return [];
  return monitorsOf(model).flatMap((monitor) => {
    if (monitor.is !== 'ServiceMonitor') return [];
    const services = serviceTargets(model)
      .of(monitor)
      .flatMap(({ of, fits }) => (fits === 'yes' && (!of.created || of.labels !== undefined) ? [of] : []));
    return services.flatMap((service) =>
      monitor.endpoints.flatMap(({ port, at, https }): ScrapeCall[] => {
        const found = service.ports === 'unknown' ? undefined : service.ports.find((one) => one.name === port);
        if (port === undefined || !found) return [];
        const what = `${monitor.is} ${monitor.object.namespace}/${monitor.object.name}`;
        const to = { service, host: fullHost(service), port: found.number, to: pods.behind(service) };
        return [{ what, at, by: 'program', span: false, from, ...to, monitor, https }];
      }),
    );
  });
});

function indexOf(model: Model, { namespaces }: Reach): PodIndex {
  return podIndex(model, namespaces, new Set(gatewayWorkloads(model.workloads)));
}

/** The Service and port that a destination means. */
function target(
  model: Model,
  { object }: Route,
  { host, port }: Destination,
): { readonly service: Service; readonly host: string; readonly port: number } | undefined {
  const found = model.services.find(host, object.namespace);
  if (found.is !== 'service' || found.service.created) return undefined;
  const { service } = found;
  const ports = service.ports === 'unknown' ? [] : service.ports;
  const meant = port === undefined ? (ports.length === 1 ? ports[0] : undefined) : ports.find(isMeant(port));
  return meant && { service, host: fullHost(service), port: meant.number };
}

function isMeant(port: number | string) {
  return (one: { readonly number: number; readonly name: string }) => one.number === port || one.name === port;
}

function podsOfGateway(
  model: Model,
  { reach, pods }: { readonly reach: Reach; readonly pods: PodIndex },
  { api, namespace, name }: Route['gateways'][number],
): readonly Pods[] {
  const gateway = model.gateways.get(api, namespace, name);
  if (!gateway) return [];
  if (api === 'gateway-api') return reach.pods.filter(({ object }) => object === gateway.object);
  if (gateway.selector.size === 0) return [];
  return model.workloads.filter((one) => selects(gateway.selector, one.labels)).map(pods.of);
}

function controllerPods(reach: Reach, pods: PodIndex, { controller, workload: stated, release }: IngressClass): readonly Pods[] {
  if (stated) return [pods.of(stated)];
  if (!release) return [];
  const { object } = release;
  const nginx = controller === 'ingress-nginx';
  const values = fields(object.json, 'spec', 'values', ...(nginx ? ['controller'] : []));
  const own = nginx ? values : fields(values, 'deployment');
  const made = madeBy(object, {
    name: release.release,
    namespace: release.namespace,
    labels: [
      ['app.kubernetes.io/name', controller],
      ['app.kubernetes.io/instance', nginx ? release.release : `${release.release}-${release.namespace}`],
      ...(nginx ? ([['app.kubernetes.io/component', 'controller']] as const) : []),
    ],
    more: [strings(own, 'podLabels'), strings(own, 'podAnnotations')],
  });
  const hostNetwork = fields(values).hostNetwork === true;
  return [hostNetwork ? { ...reach.namespaces.pods(made), hostNetwork, plane: 'none' } : reach.namespaces.pods(made)];
}

function serverPods(reach: Reach, pods: PodIndex, server: Prometheus): readonly Pods[] {
  if (server.workload) return [pods.of(server.workload)];
  const { object, namespace } = server;
  const chart = server.is === 'chart' ? ['values', 'prometheus', 'prometheusSpec'] : [];
  const metadata = fields(object.json, 'spec', ...chart, 'podMetadata');
  const made = madeBy(object, {
    ...{ name: 'prometheus', namespace, labels: [['app.kubernetes.io/name', 'prometheus']] },
    more: [strings(metadata, 'labels'), strings(metadata, 'annotations')],
  });
  return [reach.namespaces.pods(made)];
}

/** Pods that somebody makes from an object, with what is known of their labels. */
const madeBy = (
  object: Parameters<typeof workload>[0],
  about: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: readonly (readonly [string, string])[];
    readonly more: readonly ReadonlyMap<string, string>[];
  },
): Workload => {
  const [labels, annotations] = about.more;
  const wish = annotations?.get('sidecar.istio.io/inject');
  // As an annotation it says the same as the label.
  const injected = wish === undefined ? [] : ([['sidecar.istio.io/inject', wish]] as const);
  const all = new Map([...about.labels, ...injected, ...(labels ?? [])]);
  return workload(object, all, { created: true, name: about.name, namespace: about.namespace });
};
