import { isObject, type Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { items, text } from '../../json-path.ts';
import type { Spot } from '../../types.ts';
import type { Model } from '../model.ts';
import { dashboardQueries } from '../promql/dashboard-queries.ts';
import { type DashboardFile, dashboardFiles, looksLikeDashboard } from './dashboard-files.ts';

/** A dashboard with the names of its variables. */
export interface VariableUses {
  readonly file: DashboardFile;
  readonly declared: ReadonlySet<string>;
  /** The variables that its queries ask for, Grafana's own aside. */
  readonly used: readonly UsedVariable[];
}

interface UsedVariable {
  readonly name: string;
  /** Who asks: `panel "Requests"`. */
  readonly where: string;
  /** Written with braces, as Flux writes its own. */
  readonly braced: boolean;
  readonly at: Spot;
}

// `$1` is label_replace's, `$__range` Grafana's; `$interval` and `$timeFilter` were so once.
const USE = /\$(?:\{([a-z]\w*)(?:[:.][^}]*)?\}|([a-z]\w*))|\[\[([a-z]\w*)(?::\w+)?\]\]/gi;
const OLD: ReadonlySet<string> = new Set(['interval', 'timeFilter', 'timezone', 'bucket_size']);

/** Every dashboard in the form that states its variables under `templating`, with what it declares and asks for. */
export const variableUses: (model: Model) => readonly VariableUses[] = remember((model) =>
  dashboardFiles(model)
    .filter((file) => looksLikeDashboard(file) && text(file.json, 'kind') !== 'Dashboard')
    .map((file) => ({ file, declared: declaredIn(file.json), used: usedIn(file) })),
);

function declaredIn(json: Json | undefined): ReadonlySet<string> {
  const lists = [items(json, 'templating', 'list'), items(json, '__inputs')];
  return new Set(lists.flat().flatMap((one) => text(one, 'name') ?? []));
}

function usedIn({ source, at, object, json }: DashboardFile): UsedVariable[] {
  if (!isObject(json)) return [];
  const path = at.field.startsWith('data.') ? ['data', at.field.slice('data.'.length)] : ['spec', 'json'];
  return dashboardQueries(source).flatMap(({ expr, where, line }) => {
    // A template of Go's, in the language of logs, has variables of its own.
    if (expr.includes('{{')) return [];
    return [...expr.matchAll(USE)].flatMap(([, braces, plain, brackets]): UsedVariable[] => {
      const name = braces ?? plain ?? brackets;
      if (name === undefined || name.startsWith('__') || OLD.has(name)) return [];
      const spot: Spot = { ...at, field: at.field, line: () => object.origin.line(path, line()) };
      return [{ name, where, braced: braces !== undefined, at: spot }];
    });
  });
}
