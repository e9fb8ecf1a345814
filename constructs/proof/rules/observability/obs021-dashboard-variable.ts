import { isObject, type Json } from '../../../kit/json.ts';
import { nearest } from '../../../kit/nearest.ts';
import { fields, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { type VariableUses, variableUses } from '../../model/pages/dashboard-variables.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const dashboardVariable: Rule = {
  code: 'OBS021',
  title: 'a variable that the dashboard does not have',
  severity: 'warning',
  run: (model) => {
    const all = variableUses(model);
    return [...all.flatMap((one) => askedFaults(model, one)), ...linkFaults(all), ...kialiFaults(model, all)];
  },
  docs: {
    cause:
      'A query of a dashboard holds a variable that the dashboard does not declare: Grafana sends its name as it stands, and nothing is found. Or a link (`/d/UID?var-NAME=...`, Kiali’s `dashboards[].variables`) sets a variable that the dashboard does not have, by a slip: the dashboard opens with its default.',
    fix: 'Name the variable as `templating.list` does, or declare it there. Links write `var-` before the name.',
    example:
      '{"title": "Mesh", "templating": {"list": [{"name": "namespace"}]},\n "panels": [{"targets": [{"expr": "sum(istio_requests_total{destination_workload_namespace=\\"$namespce\\"})"}]}]}',
  },
};

function askedFaults(model: Model, { file, declared, used }: VariableUses): Fault[] {
  // Flux fills in what stands in braces.
  const fluxFills = model.objects.some(({ group }) => group === 'kustomize.toolkit.fluxcd.io');
  return used.flatMap(({ name, where, braced, at }) => {
    if (declared.has(name)) return [];
    const near = nearest(name, declared);
    if (near === undefined && braced && fluxFills) return [];
    return [
      {
        at,
        message: `${where} of dashboard "${file.title}" asks for the variable ${name}, which the dashboard does not have`,
        hint: near === undefined ? `declare it under templating.list${known(declared)}` : `did you mean "${near}"?`,
        cause: causeOf(name, file.title),
      },
    ];
  });
}

function known(declared: ReadonlySet<string>): string {
  return declared.size === 0 ? '' : `, or name one of ${[...declared].sort().slice(0, 6).join(', ')}`;
}

function causeOf(name: string, title: string | undefined): string {
  return `variable ${name} of dashboard ${title}`;
}

/** A slip in what a link hands over, or undefined. */
function slip(name: string, { declared }: VariableUses): string | undefined {
  return declared.has(name) ? undefined : nearest(name, declared);
}

function linkFaults(all: readonly VariableUses[]): Fault[] {
  return all.flatMap(({ file }) =>
    urlsIn(file.json).flatMap((url) => {
      const uid = /^\/?d\/([\w-]{1,40})/.exec(url)?.[1];
      const [target, other] = all.filter((one) => uid !== undefined && one.file.uid === uid);
      if (!target || other) return [];
      return [...url.matchAll(/[?&]var-(\w+)=/g)].flatMap(([, name = '']) => {
        const near = slip(name, target);
        if (near === undefined) return [];
        return [
          {
            at: file.spot(JSON.stringify(url)),
            message: `dashboard "${file.title}" links to "${target.file.title}" with var-${name}, a variable that it does not have`,
            hint: `did you mean "var-${near}"?`,
            cause: causeOf(name, target.file.title),
          },
        ];
      });
    }),
  );
}

function urlsIn(dashboard: Json | undefined): string[] {
  const found = new Set<string>();
  const open: (Json | undefined)[] = [dashboard];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) open.push(...node);
    if (!isObject(node)) continue;
    if (typeof node.url === 'string') found.add(node.url);
    open.push(...Object.values(node).filter((one) => typeof one === 'object' && one !== null));
  }
  return [...found];
}

// What Kiali fills in (Kiali 2.29, external_services.grafana.dashboards).
const FILLED: readonly string[] = ['app', 'datasource', 'namespace', 'service', 'version', 'workload'];

function kialiFaults(model: Model, all: readonly VariableUses[]): Fault[] {
  return model.kialis.flatMap(({ config, grafana, spot }) =>
    items(config.value, 'external_services', 'grafana', 'dashboards').flatMap((one, i) => {
      const title = text(one, 'name');
      const [target, other] = all.filter(({ file }) => file.title === title);
      if (!grafana.on || !target || other) return [];
      return Object.entries(fields(one, 'variables')).flatMap(([key, value]): Fault[] => {
        const at = spot(['grafana', 'dashboards', i, 'variables', key]);
        const nearKey = FILLED.includes(key) ? undefined : nearest(key, FILLED);
        if (nearKey !== undefined)
          return [{ at, message: `Kiali fills in no "${key}" of dashboard "${title}"`, hint: `did you mean "${nearKey}"?` }];
        if (typeof value !== 'string') return [];
        const name = value.replace(/^var-/, '');
        const meant = target.declared.has(name) && name === value ? name : slip(name, target);
        if (meant === undefined) return [];
        const message = `Kiali opens dashboard "${title}" with ${value}=..., which sets none of its variables`;
        return [{ at, message, hint: `did you mean "var-${meant}"?`, cause: causeOf(name, title) }];
      });
    }),
  );
}
