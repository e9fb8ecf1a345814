import { remember } from '../../../kit/remember.ts';
import { at, items, text } from '../../json-path.ts';
import type { Config } from '../../read/config.ts';
import type { Spot } from '../../types.ts';
import { fullHost } from '../hosts.ts';
import type { Tracer } from '../mesh/tracers.ts';
import type { Model } from '../model.ts';
import { addressOf, type BackendRef } from '../pages/backends.ts';
import { selectionIndex } from '../selection.ts';
import type { Service } from '../services.ts';
import { selects, type Workload, workload } from '../workloads.ts';
import type { Namespaces, Pods } from './pods.ts';

/** One hop of a trace, or a question about traces: pods that call a Service. */
export interface Call {
  /** Who calls, for messages: `provider "otel"`, `exporter otlp of main`, `data source "Jaeger"`. */
  readonly what: string;
  /** Where the address is written. */
  readonly at: Spot;
  /**
   * What opens the connection: the proxies themselves, through the mesh (`proxy`) or by the address in their bootstrap, which knows no
   * mTLS (`bootstrap`); or a program, behind its proxy if it has one (`program`).
   */
  readonly by: 'proxy' | 'bootstrap' | 'program';
  /** It carries spans, rather than a question. */
  readonly span: boolean;
  /** The pods known to call; may be none. */
  readonly from: readonly Pods[];
  readonly service: Service;
  readonly host: string;
  readonly port: number;
  /** The pods behind the Service; none when the input does not show them. */
  readonly to: readonly Pods[];
}

/** The pods of a world's workloads and custom resources, each read once. */
export interface PodIndex {
  of(workload: Workload): Pods;
  behind(service: Service): readonly Pods[];
}

/** Reads pods. */
export function podIndex(model: Model, namespaces: Namespaces, gateways: ReadonlySet<Workload>): PodIndex {
  const of = (workload: Workload): Pods => namespaces.pods(workload, gateways.has(workload));
  const selected = selectionIndex(model.workloads.filter((one) => one.podSpec !== undefined));
  const released = new Map(
    model.programs.all.flatMap(({ object, workload: stated, namespace, name, labels }) =>
      stated === undefined && object.kind === 'HelmRelease' && labels.size > 0
        ? [[object, workload(object, labels, { created: true, name, namespace })] as const]
        : [],
    ),
  );
  const collectors = model.kind('OpenTelemetryCollector').flatMap((object) => namespaces.made(object) ?? []);
  return {
    of,
    behind: (service) => {
      if (service.created) {
        const release = released.get(service.object);
        const made = release ? of(release) : namespaces.made(service.object);
        return made ? [made] : [];
      }
      if (service.selector.size === 0) return [];
      const made = collectors.filter(
        (one) => one.namespace === service.namespace && selects(service.selector, one.labels.values),
      );
      return [...selected(service.namespace, service.selector).map(of), ...made];
    },
  };
}

/** What proxies send, one call for each provider. */
export function spanCalls(model: Model, pods: PodIndex, flows: ReadonlyMap<Tracer, readonly Pods[]>): Call[] {
  return [...flows].flatMap(([tracer, from]): Call[] => {
    const root = tracer.mesh.rootNamespace;
    if (tracer.is === 'provider') {
      const { name, service, port, serviceAt } = tracer.provider;
      if (service === undefined || port === undefined) return [];
      const about = { what: `provider "${name}"`, at: serviceAt, by: 'proxy', span: true, from } as const;
      return callTo(model, pods, about, { host: service.split('/').at(-1) ?? service, port }, root);
    }
    const { type, address, at: written } = tracer.legacy;
    const read = addressOf(address);
    if (!read?.host.includes('.')) return [];
    return callTo(model, pods, { what: `${type} address`, at: written, by: 'bootstrap', span: true, from }, read, root);
  });
}

/** What programs send or ask: exporters of collectors, data sources of Grafana, Kiali's backends, fixed targets of Prometheus. */
export function programCalls(model: Model, pods: PodIndex, namespaces: Namespaces): Call[] {
  const runs = (namespace: string, image: RegExp) =>
    model.workloadsIn(namespace).flatMap((one) => (imagesOf(one).some((name) => image.test(name)) ? [pods.of(one)] : []));
  const exported = model.programs.all.flatMap((program) => {
    const made = namespaces.made(program.object);
    const from = made ? [made] : program.workload ? [pods.of(program.workload)] : [];
    return program.exporters.flatMap(({ id, to, at }) => {
      const what = `exporter ${id} of ${program.name}`;
      return to ? callTo(model, pods, { what, at, by: 'program', span: true, from }, to, program.namespace) : [];
    });
  });
  const asked = [
    ...model.dataSources.map((one) => ({ ...one, from: runs(one.namespace, GRAFANA) })),
    ...model.kialiBackends.map((one) => {
      const made = namespaces.made(one.at.object);
      return { ...one, from: made ? [made] : runs(one.namespace, KIALI) };
    }),
    ...model.configs
      .filter(({ kind }) => kind === 'prometheus')
      .flatMap(scrapeTargets)
      .map((one) => ({ ...one, from: runs(one.namespace, PROMETHEUS) })),
  ].flatMap(({ what, at, url, namespace, from }) => {
    const address = addressOf(url);
    return address ? callTo(model, pods, { what, at, by: 'program', span: false, from }, address, namespace) : [];
  });
  return [...exported, ...asked];
}

const GRAFANA = /(^|\/)grafana(-oss|-enterprise)?([:@]|$)/;
const KIALI = /(^|\/)kiali([:@]|$)/;
const PROMETHEUS = /(^|\/)prometheus([:@]|$)/;

function callTo(
  model: Model,
  pods: PodIndex,
  about: Pick<Call, 'what' | 'at' | 'by' | 'span' | 'from'>,
  to: { readonly host: string; readonly port: number },
  namespace: string,
): Call[] {
  const found = model.services.find(to.host, namespace);
  if (found.is !== 'service') return [];
  const { service } = found;
  return [{ ...about, service, host: fullHost(service), port: to.port, to: pods.behind(service) }];
}

const imagesOf = remember(({ object, podSpec }: Workload): readonly string[] =>
  podSpec ? items(object.json, ...podSpec, 'containers').flatMap((one) => text(one, 'image') ?? []) : [],
);

const scrapeTargets = remember(({ value, object, spot }: Config): readonly BackendRef[] =>
  items(value, 'scrape_configs').flatMap((job, i) => {
    if (at(job, 'scheme') === 'https') return [];
    return items(job, 'static_configs').flatMap((one, j) =>
      items(one, 'targets').flatMap((target, k) => {
        if (typeof target !== 'string') return [];
        const what = `scrape job "${text(job, 'job_name') ?? i}"`;
        const place = spot(['scrape_configs', i, 'static_configs', j, 'targets', k]);
        return [{ what, at: place, url: target, namespace: object.namespace }];
      }),
    );
  }),
);
