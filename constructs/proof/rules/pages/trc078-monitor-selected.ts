import type { Json } from '../../../kit/json.ts';
import { at, fields, strings } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Prometheus } from '../../model/pages/prometheus.ts';
import { allOf, anyOf, type Match, matchesSelector } from '../../model/reach/label-selector.ts';
import { labelText } from '../../model/workloads.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type ProofObject, spotOf } from '../../types.ts';

export const monitorSelected: Rule = {
  code: 'TRC078',
  title: 'a monitor that no Prometheus selects',
  severity: 'warning',
  run: (model) => {
    const servers = model.prometheuses.all.filter((one) => one.is !== 'workload');
    if (servers.length === 0 || hasOtherReaders(model)) return [];
    const namespaces = new Map(model.kind('Namespace').map((one) => [one.name, one]));
    return model.objects.flatMap((monitor) => {
      const kind = KINDS.get(monitor.kind);
      if (kind === undefined || monitor.group !== 'monitoring.coreos.com') return [];
      const matches = servers.map((server) => selectsMonitor(server, kind, monitor, namespaces.get(monitor.namespace)));
      if (anyOf(matches) !== 'no') return [];
      const [first] = servers;
      const wants = first && wantedLabels(first, kind);
      return [
        {
          at: spotOf(monitor, ['metadata', 'labels']),
          message: `${monitor.kind} is selected by no Prometheus of the input (${servers.map((one) => one.object.id).join(', ')})`,
          hint: wants
            ? `label it ${wants}, or widen ${kind}Selector`
            : `set ${kind}Selector and ${kind}NamespaceSelector of the Prometheus`,
          // What one selector passes over, it passes over for one reason.
          cause: `${kind}s not selected by ${servers.map((one) => one.object.id).join(' ')}: ${wants ?? ''}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'The Prometheus operator reads only the ServiceMonitors and PodMonitors that the Prometheus selects: `podMonitorSelector` unset selects none, and kube-prometheus-stack selects those with the label `release` of its own release. The proxies’ metrics are then scraped by nobody, and Kiali’s graph is empty (kiali#6905).',
    fix: 'Give the monitor the labels that the selector wants, or widen the selector; for the chart `podMonitorSelectorNilUsesHelmValues: false`.',
    example:
      'apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: {name: envoy-stats-monitor, namespace: istio-system}   # no label release: kube-prometheus-stack',
  },
};

const KINDS: ReadonlyMap<string, 'serviceMonitor' | 'podMonitor'> = new Map([
  ['ServiceMonitor', 'serviceMonitor'],
  ['PodMonitor', 'podMonitor'],
]);

export function selectsMonitor(
  server: Prometheus,
  kind: string,
  monitor: ProofObject,
  namespace: ProofObject | undefined,
): Match {
  const chart = server.is === 'chart';
  const spec = chart
    ? fields(server.object.json, 'spec', 'values', 'prometheus', 'prometheusSpec')
    : fields(server.object.json, 'spec');
  const labels = { values: strings(monitor.json, 'metadata', 'labels'), complete: true };
  const matches = [selector(server, at(spec, `${kind}Selector`), spec, kind, (one) => matchesSelector(one, labels))];
  const places = at(spec, `${kind}NamespaceSelector`);
  if (places === undefined || places === null) {
    // The chart's default takes all namespaces, the operator's only its own.
    matches.push(chart || monitor.namespace === server.namespace ? 'yes' : 'no');
  } else {
    const own = new Map([...strings(namespace?.json, 'metadata', 'labels'), ['kubernetes.io/metadata.name', monitor.namespace]]);
    matches.push(matchesSelector(places, { values: own, complete: namespace !== undefined }));
  }
  return allOf(matches);
}

function selector(
  server: Prometheus,
  stated: Json | undefined,
  spec: Json,
  kind: string,
  matches: (selector: Json) => Match,
): Match {
  if (server.is === 'resource') return stated === undefined || stated === null ? 'no' : matches(stated);
  if (server.takesWrites === undefined) return 'maybe';
  if (stated !== undefined && stated !== null && Object.keys(stated).length > 0) return matches(stated);
  if (at(spec, `${kind}SelectorNilUsesHelmValues`) === false) return 'yes';
  return matches({ matchLabels: { release: server.release ?? '' } });
}

/** The labels that a monitor needs, in words. */
export function wantedLabels(server: Prometheus, kind: string): string | undefined {
  const path = server.is === 'chart' ? ['spec', 'values', 'prometheus', 'prometheusSpec'] : ['spec'];
  const stated = strings(server.object.json, ...path, `${kind}Selector`, 'matchLabels');
  if (stated.size > 0) return labelText(stated);
  return server.is === 'chart' && server.release !== undefined ? `release=${server.release}` : undefined;
}

// The operator's chart brings none: a TargetAllocator, or a collector that asks for one, is an object of its own.
const READERS = /alloy|grafana-agent|k8s-monitoring|victoria|opentelemetry(?!-operator$)/;

/** Others that read monitors: agents, a target allocator, a Prometheus agent. */
export function hasOtherReaders({ objects }: Model): boolean {
  return (
    chartReleases(objects).some(
      ({ chart, partial }) => chart === undefined || READERS.test(chart) || (partial && chart === 'kube-prometheus-stack'),
    ) ||
    objects.some(
      ({ group, kind, json }) =>
        group === 'operator.victoriametrics.com' ||
        kind === 'PrometheusAgent' ||
        kind === 'TargetAllocator' ||
        (kind === 'OpenTelemetryCollector' && at(json, 'spec', 'targetAllocator', 'enabled') === true),
    )
  );
}
