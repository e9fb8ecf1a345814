import { at, items, number, text } from '../../json-path.ts';
import type { DestinationRule } from '../../model/destination-rules.ts';
import { gatewayWorkloads } from '../../model/gateways.ts';
import { type PodIndex, podIndex } from '../../model/reach/calls.ts';
import { bypasses, containerPort, type Pods } from '../../model/reach/pods.ts';
import { type Reach, reachOf } from '../../model/reach/reach.ts';
import type { Service } from '../../model/services.ts';
import { selects } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, spotOf } from '../../types.ts';

export const clientTls: Rule = {
  code: 'RTE010',
  title: 'a DestinationRule speaks another TLS than the pods behind it',
  severity: 'error',
  run: (model) => {
    const rules = model.destinationRules.all.filter((rule) => settingsOf(rule).length > 0);
    if (rules.length === 0) return [];
    const reach = reachOf(model);
    const pods = podIndex(model, reach.namespaces, new Set(gatewayWorkloads(model.workloads)));
    // What happens on the way of a trace is told there (TRC040, TRC041).
    const traced = new Set(reach.calls.map((call) => call.service));
    return rules.flatMap((rule) => {
      const found = model.services.find(rule.host, rule.object.namespace);
      if (found.is !== 'service' || found.service.created || traced.has(found.service)) return [];
      return faultOf(reach, pods, rule, found.service) ?? [];
    });
  },
  docs: {
    cause:
      'A DestinationRule turns mutual TLS off (mode DISABLE) or speaks TLS of its own (SIMPLE, MUTUAL) to pods whose PeerAuthentication takes nothing but mutual TLS (STRICT); or it insists on ISTIO_MUTUAL towards pods that have no sidecar, or mutual TLS disabled. Every request gets 503. Without `tls` Istio finds out by itself who speaks mutual TLS.',
    fix: 'Leave `tls` out of the rule. Settings of a port or subset stand in for those of the whole rule.',
    example:
      'kind: DestinationRule\nspec:\n  host: reviews   # its namespace has PeerAuthentication mode STRICT\n  trafficPolicy: {tls: {mode: DISABLE}}',
  },
};

interface Setting {
  readonly mode: string;
  readonly path: Path;
  /** The labels of the subset that it is for. */
  readonly labels: ReadonlyMap<string, string>;
  /** The port that it is for; undefined for those without a setting of their own. */
  readonly port: number | undefined;
}

function settingsOf({ object, subsets }: DestinationRule): Setting[] {
  const policies = [
    { path: ['spec', 'trafficPolicy'] as Path, labels: new Map<string, string>() },
    ...items(object.json, 'spec', 'subsets').map((subset, i) => ({
      path: ['spec', 'subsets', i, 'trafficPolicy'] as Path,
      labels: subsets.find((one) => one.name === text(subset, 'name'))?.labels ?? new Map<string, string>(),
    })),
  ];
  return policies.flatMap(({ path, labels }) => {
    const own = items(object.json, ...path, 'portLevelSettings').map((one, i) => ({
      path: [...path, 'portLevelSettings', i],
      port: number(one, 'port', 'number'),
    }));
    return [{ path, port: undefined }, ...own].flatMap((one): Setting[] => {
      const mode =
        at(object.json, ...one.path, 'tls') === undefined
          ? undefined
          : (text(object.json, ...one.path, 'tls', 'mode') ?? 'DISABLE');
      return mode === undefined ? [] : [{ mode, path: [...one.path, 'tls', 'mode'], labels, port: one.port }];
    });
  });
}

function faultOf(reach: Reach, index: PodIndex, rule: DestinationRule, service: Service): Fault | undefined {
  if (service.ports === 'unknown') return undefined;
  const settings = settingsOf(rule);
  const behind = index.behind(service);
  const own = new Set(rule.ports.map((one) => one.number));
  for (const { mode, path, labels, port } of settings) {
    const ports = service.ports.filter((one) => (port === undefined ? !own.has(one.number) : one.number === port));
    for (const { number: served } of ports) {
      for (const pods of behind) {
        if (!selects(labels, pods.labels.values)) continue;
        const why = misfit(reach, service, pods, served, mode);
        if (why === undefined) continue;
        return {
          at: spotOf(rule.object, path),
          message: `${mode} towards ${service.name}.${service.namespace}:${served}, but ${why}`,
          hint: 'leave tls out: Istio then speaks mutual TLS where both sides can',
          cause: `client tls ${rule.object.id} ${service.id}`,
        };
      }
    }
  }
  return undefined;
}

function misfit(reach: Reach, service: Service, pods: Pods, port: number, mode: string): string | undefined {
  const inside = containerPort(service, port, pods);
  if (inside === undefined || bypasses(pods, 'Inbound', inside)) return undefined;
  const takes = pods.plane === 'sidecar' ? reach.mtls(pods, inside).mode : 'unknown';
  if (mode === 'ISTIO_MUTUAL') {
    if (pods.plane === 'none') return `the pods of ${pods.name} have no sidecar`;
    return takes === 'DISABLE' ? `the pods of ${pods.name} have mutual TLS disabled (PeerAuthentication)` : undefined;
  }
  const other = mode === 'DISABLE' || mode === 'SIMPLE' || mode === 'MUTUAL';
  return other && takes === 'STRICT'
    ? `the pods of ${pods.name} take nothing but mutual TLS (PeerAuthentication STRICT)`
    : undefined;
}
