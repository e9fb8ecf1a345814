import type { Json } from '../../../kit/json.ts';
import { at, fields, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { iniEntry } from '../../model/pages/ini.ts';
import { envOf } from '../../model/spans/containers.ts';
import { chartReleases } from '../../read/charts.ts';
import { type Fault, type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import { allContainers } from './containers.ts';
import { inProduction } from './in-production.ts';

export const anonymous = inProduction({
  code: 'PRD003',
  title: 'a page that anybody may open',
  severity: 'error',
  run: (model) => [...grafanas(model), ...kialis(model)],
  docs: {
    cause:
      'Grafana lets visitors in without a login (`GF_AUTH_ANONYMOUS_ENABLED`, `[auth.anonymous] enabled` in grafana.ini, chart values, a Grafana resource), or Kiali has `auth.strategy: anonymous`. Whoever reaches the page sees the traffic of the whole cluster, as Admin or in Kiali without `view_only_mode` may change it.',
    fix: 'Grafana: a login, its password in a Secret. Kiali: strategy token, openid or openshift.',
    example: 'kind: Kiali\nspec: {auth: {strategy: anonymous}}',
  },
});

function grafanas(model: Model): Fault[] {
  const found: Fault[] = [];
  const open = (spot: Spot, role: string | undefined) => {
    const as = role === undefined ? '' : ` as ${role}`;
    found.push({
      at: spot,
      message: `Grafana lets anybody in without a login${as}`,
      hint: 'switch anonymous access off, and take the admin password from a Secret',
    });
  };
  const closed = new Set<string>();
  for (const { workload, env } of allContainers(model)) {
    const enabled = env.get('GF_AUTH_ANONYMOUS_ENABLED');
    if (enabled?.value === 'true') open(enabled.at, env.get('GF_AUTH_ANONYMOUS_ORG_ROLE')?.value);
    // The environment wins over the file.
    if (enabled !== undefined) closed.add(workload.namespace);
  }
  for (const object of model.kind('ConfigMap')) {
    for (const [key, value] of Object.entries(fields(object.json, 'data'))) {
      if (typeof value !== 'string' || !key.endsWith('.ini') || closed.has(object.namespace)) continue;
      const entry = iniEntry(value, 'auth.anonymous', 'enabled');
      if (entry?.value !== 'true') continue;
      const spot = { ...spotOf(object, ['data', key]), line: () => object.origin.line(['data', key], entry.line) };
      open(spot, iniEntry(value, 'auth.anonymous', 'org_role')?.value);
    }
  }
  const inSettings = (object: ProofObject, settings: Path, env: Variables) => {
    const own = [...settings, 'auth.anonymous'];
    const stated = env('GF_AUTH_ANONYMOUS_ENABLED');
    // The environment wins over the file.
    const enabled = stated ?? { value: at(object.json, ...own, 'enabled'), at: spotOf(object, [...own, 'enabled']) };
    const role = env('GF_AUTH_ANONYMOUS_ORG_ROLE')?.value ?? at(object.json, ...own, 'org_role');
    if (String(enabled.value) === 'true') open(enabled.at, typeof role === 'string' ? role : undefined);
  };
  for (const { object } of chartReleases(model.objects)) {
    for (const path of [
      ['spec', 'values'],
      ['spec', 'values', 'grafana'],
    ])
      if (at(object.json, ...path, 'enabled') !== false)
        inSettings(object, [...path, 'grafana.ini'], chartVariables(object, path));
  }
  for (const object of model.kind('Grafana')) inSettings(object, ['spec', 'config'], operatorVariables(object));
  return found;
}

/** Looks a variable of Grafana up; its value is undefined where it comes from elsewhere. */
type Variables = (name: string) => { readonly value: Json | undefined; readonly at: Spot } | undefined;

/** `env` of Grafana’s chart is a map. */
function chartVariables(object: ProofObject, path: Path): Variables {
  return (name) => {
    const value = at(object.json, ...path, 'env', name);
    return value === undefined ? undefined : { value, at: spotOf(object, [...path, 'env', name]) };
  };
}

function operatorVariables(object: ProofObject): Variables {
  const path = ['spec', 'deployment', 'spec', 'template', 'spec', 'containers'];
  const all = items(object.json, ...path).map((container, i) => envOf(object, [...path, i], container));
  return (name) => all.flatMap((env) => env.get(name) ?? [])[0];
}

function kialis(model: Model): Fault[] {
  const fault = (spot: Spot): Fault => ({
    at: spot,
    message: 'is anonymous: anybody who reaches Kiali sees the whole mesh',
    hint: 'use strategy token, openid or openshift',
  });
  const configs = model.configs
    .filter(({ kind, value }) => kind === 'kiali' && text(value, 'auth', 'strategy') === 'anonymous')
    .map((config) => fault(config.spot(['auth', 'strategy'])));
  const read = new Set(model.configs.filter(({ kind }) => kind === 'kiali').map(({ object }) => object));
  const charts = chartReleases(model.objects).flatMap(({ object, chart, partial }) =>
    chart?.startsWith('kiali') && !read.has(object) && (partial || installsKiali(object, chart))
      ? [
          ['spec', 'values'],
          ['spec', 'values', 'cr', 'spec'],
        ]
          .map((path) => [...path, 'auth', 'strategy'])
          .filter((path) => text(object.json, ...path) === 'anonymous')
          .map((path) => fault(spotOf(object, path)))
      : [],
  );
  return [...configs, ...charts];
}

/** Without a custom resource the operator's chart installs no Kiali. */
function installsKiali({ json }: ProofObject, chart: string): boolean {
  return chart !== 'kiali-operator' || at(json, 'spec', 'values', 'cr', 'create') === true;
}
