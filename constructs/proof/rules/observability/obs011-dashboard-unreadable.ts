import { text } from '../../json-path.ts';
import { type DashboardFile, dashboardFiles } from '../../model/pages/dashboard-files.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const dashboardUnreadable: Rule = {
  code: 'OBS011',
  title: 'a dashboard that Grafana cannot load',
  severity: 'error',
  run: (model) => dashboardFiles(model).flatMap((one) => (one.readers.length > 0 ? (faultOf(one) ?? []) : [])),
  docs: {
    cause:
      'A file that Grafana loads as a dashboard is no JSON, or has no title. Grafana says so in its log (`failed to load dashboard`, `Dashboard title cannot be empty`) and goes on without it. What its API exports has the dashboard one level down, under `dashboard`.',
    fix: 'Write the dashboard itself, with a title, as JSON: no comments, no comma at the end of a list.',
    example:
      'metadata: {labels: {grafana_dashboard: "1"}}\ndata:\n  mesh.json: \'{"title": "Mesh", "panels": [],}\'   # a comma too many',
  },
};

function faultOf({ json, title, source, at: spot, object }: DashboardFile): Fault | undefined {
  if (json) {
    if (title !== undefined) return undefined;
    const wrapped = text(json, 'dashboard', 'title');
    return {
      at: spot,
      message:
        wrapped === undefined ? 'the dashboard has no title' : `dashboard "${wrapped}" stands one level down, under "dashboard"`,
      hint: wrapped === undefined ? 'give it a title' : 'keep what stands under "dashboard" alone',
    };
  }
  // Flux fills in variables before Grafana reads it.
  if (source.includes('$' + '{') && isJson(source.replace(/\$\{[^}]*\}/g, '0'))) return undefined;
  const fault = syntaxFault(source);
  return {
    at: { ...spot, line: () => object.origin.line(['data', spot.field.replace(/^data\./, '')], fault.line) ?? spot.line() },
    message: `the dashboard is no JSON object: ${fault.message}`,
    hint: 'Grafana leaves it out; correct the JSON',
  };
}

function isJson(source: string): boolean {
  try {
    JSON.parse(source);
    return true;
  } catch {
    return false;
  }
}

/** What the engine says differs from version to version: only the place is taken from it. */
function syntaxFault(source: string): { readonly message: string; readonly line: number } {
  try {
    JSON.parse(source);
    return { message: 'it is a list or a value', line: 1 };
  } catch (error) {
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    if (position === undefined) return { message: 'it ends too early', line: source.trimEnd().split('\n').length };
    const line = source.slice(0, Number(position)).split('\n').length;
    return { message: `it cannot be read at its line ${line}`, line };
  }
}
