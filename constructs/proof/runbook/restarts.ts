import { byCodeUnit } from '../../kit/json.ts';
import { groupBy } from '../group-by.ts';
import type { Model } from '../model/model.ts';
import type { Pods } from '../model/reach/pods.ts';
import { reachOf } from '../model/reach/reach.ts';
import { configs, RESTARTED } from './config-restarts.ts';
import type { RunbookFacts } from './facts.ts';
import { code, listed, table } from './markdown.ts';
import { gatewayPods, istiods } from './mesh-parts.ts';

/**
 * The section that tells which programs must start anew after which change. Empty where the stack has nothing of a mesh.
 *
 * Source: Istio 1.30, ProxyConfig ("fields in ProxyConfig are not dynamically configured"), pilot/pkg/bootstrap.
 */
export function restartsSection(facts: RunbookFacts): string {
  const { model, rootNamespace } = facts;
  const injected = injectedWorkloads(model);
  const gateways = gatewayPods(model).filter(({ object }) => object.kind !== 'Gateway');
  if (injected.length === 0 && gateways.length === 0 && istiods(model).length === 0) return '';
  const pods = restarts(model, [...injected, ...gateways.map(asRestart)]);
  const rows = [
    [
      'routes and policies (VirtualService, DestinationRule, PeerAuthentication, AuthorizationPolicy, ...), Gateways, certificates in Secrets',
      'nothing: istiod tells the proxies within seconds',
    ],
    ['Telemetry: share of traces, tags, provider, access log', 'nothing'],
    [
      'mesh config but for `defaultConfig`: providers, `defaultProviders`, `accessLogFile`, `outboundTrafficPolicy`',
      'nothing: istiod reads it again',
    ],
    ...(pods.length > 0
      ? [
          [
            `what a proxy reads when it starts: \`defaultConfig\` (tracer's address and share of the old way, \`proxyMetadata\`, \`concurrency\`, image), \`global.proxy\`, \`enablePrometheusMerge\`, the annotation \`proxy.istio.io/config\``,
            `${whoRestarts(injected, gateways)}: [proxies](#restart-the-proxies)`,
          ],
          ['a new version of Istio', `istiod by itself, then all proxies: [proxies](#restart-the-proxies)`],
        ]
      : []),
    ...enrolment(facts, injected),
    [
      `istiod's own settings (\`pilot.env\`, \`traceSampling\`, resources)`,
      `istiod, by itself: whoever installed it changes its Deployment`,
    ],
    [
      '`trustDomain`, another root in the Secret `cacerts`',
      `istiod, and then all proxies: ${istiodCommand(model, rootNamespace)}`,
    ],
    ...configs(facts),
  ];
  return [
    '## What must restart after a change',
    table(['after a change of', 'starts anew'], rows),
    ...(pods.length > 0
      ? [
          '### Restart the proxies',
          'Pods are made anew one after the other, so nobody waits where there is more than one:',
          code(pods),
        ]
      : []),
    ...waypoints(model),
  ].join('\n\n');
}

interface Restart {
  readonly namespace: string;
  /** As kubectl calls it: `deployment`. */
  readonly kind: string;
  readonly name: string;
}

/** Workloads with a sidecar that kubectl restarts. */
function injectedWorkloads(model: Model): Restart[] {
  return reachOf(model).pods.flatMap(({ gateway, plane, object, namespace, name }) => {
    const kind = RESTARTED.get(object.kind);
    return !gateway && plane === 'sidecar' && kind !== undefined ? [{ namespace, kind, name }] : [];
  });
}

function asRestart({ namespace, name, object }: Pods): Restart {
  return { namespace, kind: RESTARTED.get(object.kind) ?? 'deployment', name };
}

/** One line for all of a kind in a namespace; by name where others of the kind stay as they are. */
function restarts(model: Model, all: readonly Restart[]): string[] {
  return [...groupBy(all, ({ namespace, kind }) => `${namespace} ${kind}`).values()]
    .flatMap((some) => {
      const [first] = some;
      if (!first) return [];
      const { namespace, kind } = first;
      const there = model.workloads.filter((one) => one.namespace === namespace && RESTARTED.get(one.object.kind) === kind);
      const names = some.map(({ name }) => name).sort(byCodeUnit);
      const whole = there.length === some.length && there.every(({ created }) => !created);
      return [['kubectl', '-n', namespace, 'rollout restart', kind, ...(whole ? [] : names)].join(' ')];
    })
    .sort(byCodeUnit);
}

function whoRestarts(injected: readonly Restart[], gateways: readonly Pods[]): string {
  return listed([...(injected.length > 0 ? ['every pod with a sidecar'] : []), ...(gateways.length > 0 ? ['the gateways'] : [])]);
}

function enrolment({ ambient }: RunbookFacts, injected: readonly Restart[]): string[][] {
  const namespaces = [...new Set(injected.map(({ namespace }) => namespace))].sort(byCodeUnit).map((one) => `\`${one}\``);
  return [
    ...(namespaces.length > 0
      ? [
          [
            `a namespace's label for sidecars, set or taken away (${namespaces.join(', ')})`,
            'its pods: only new ones get, or lose, their proxy',
          ],
        ]
      : []),
    ...(ambient.length > 0
      ? [
          [
            `a namespace's label for ambient mode or for its waypoint (${ambient.map((one) => `\`${one}\``).join(', ')})`,
            'nothing: ztunnel takes new connections at once, open ones stay as they are',
          ],
          ["ztunnel's settings", 'ztunnel, by itself, node after node: connections through it break'],
        ]
      : []),
  ];
}

function istiodCommand(model: Model, rootNamespace: string): string {
  const [first] = istiods(model);
  return `\`kubectl -n ${first?.namespace ?? rootNamespace} rollout restart deployment ${first?.name ?? 'istiod'}\``;
}

function waypoints(model: Model): string[] {
  const made = gatewayPods(model).filter(({ object }) => object.kind === 'Gateway');
  if (made.length === 0) return [];
  const names = made.map(({ name, namespace }) => `\`${name}\` in \`${namespace}\``);
  return [`istiod makes ${listed(names)} and starts them anew by itself when the mesh config or its own version changes.`];
}
