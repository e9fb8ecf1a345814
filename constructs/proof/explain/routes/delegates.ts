import type { Json, JsonObject } from '../../../kit/json.ts';
import { at, fields, items, number, text } from '../../json-path.ts';

// What a delegate takes from the rule that names it, where it says nothing itself (pilot/pkg/model/virtualservice.go, Istio 1.30).
const INHERITED = [
  'rewrite',
  'directResponse',
  'timeout',
  'retries',
  'fault',
  'mirror',
  'mirrorPercent',
  'mirrorPercentage',
  'corsPolicy',
  'mirrors',
  'headers',
];

/** A delegate's rule, narrowed by the rule that names it. Undefined where the two conflict: istiod then leaves the rule out. */
export function mergeRule(root: JsonObject, delegate: JsonObject): JsonObject | undefined {
  const match = mergeMatches(items(root, 'match'), items(delegate, 'match'));
  if (match === undefined) return undefined;
  const inherited = INHERITED.filter((key) => root[key] !== undefined && delegate[key] === undefined);
  const name = joined(text(root, 'name'), text(delegate, 'name'));
  return {
    ...delegate,
    ...Object.fromEntries(inherited.flatMap((key) => (root[key] === undefined ? [] : [[key, root[key]]]))),
    ...(name === undefined ? {} : { name }),
    match,
  };
}

function joined(root: string | undefined, own: string | undefined): string | undefined {
  return root !== undefined && own !== undefined ? `${root}-${own}` : (own ?? root);
}

function mergeMatches(roots: readonly Json[], delegates: readonly Json[]): Json[] | undefined {
  if (roots.length === 0) return [...delegates];
  if (delegates.length === 0) return [...roots];
  const merged: Json[] = [];
  for (const own of delegates) {
    const fitting = roots.filter((root) => !conflict(root, own));
    if (fitting.length === 0) return undefined;
    merged.push(...fitting.map((root) => mergeMatch(root, own)));
  }
  return merged;
}

const MAPS = ['headers', 'withoutHeaders', 'queryParams', 'sourceLabels'];
const SINGLE = ['uri', 'scheme', 'method', 'authority', 'port', 'sourceNamespace', 'gateways', 'statPrefix'];

function mergeMatch(root: Json, own: Json): JsonObject {
  const merged: { [key: string]: Json } = { ...fields(root), ...fields(own) };
  for (const key of MAPS) {
    const both = { ...fields(root, key), ...fields(own, key) };
    if (Object.keys(both).length > 0) merged[key] = both;
  }
  for (const key of SINGLE) {
    const value = at(own, key) ?? at(root, key);
    if (value !== undefined) merged[key] = value;
  }
  const name = joined(text(root, 'name'), text(own, 'name'));
  return name === undefined ? merged : { ...merged, name };
}

function conflict(root: Json, own: Json): boolean {
  if (['uri', 'scheme', 'method', 'authority'].some((key) => differs(at(root, key), at(own, key)))) return true;
  for (const key of ['headers', 'withoutHeaders', 'queryParams'])
    if (Object.keys(fields(own, key)).some((name) => differs(at(root, key, name), at(own, key, name)))) return true;
  if ((at(root, 'ignoreUriCase') === true) !== (at(own, 'ignoreUriCase') === true)) return true;
  const [port, ownPort] = [number(root, 'port') ?? 0, number(own, 'port') ?? 0];
  if (port > 0 && ownPort > 0 && port !== ownPort) return true;
  const namespace = text(root, 'sourceNamespace');
  if (namespace !== undefined && text(own, 'sourceNamespace') !== namespace) return true;
  const labels = fields(root, 'sourceLabels');
  if (Object.entries(fields(own, 'sourceLabels')).some(([key, value]) => labels[key] !== undefined && labels[key] !== value))
    return true;
  const [gateways, ownGateways] = [items(root, 'gateways'), items(own, 'gateways')];
  if (gateways.length === 0 || ownGateways.length === 0) return false;
  return gateways.length < ownGateways.length || ownGateways.some((one) => !gateways.includes(one));
}

/** Whether a delegate's condition is not part of the other. */
function differs(root: Json | undefined, own: Json | undefined): boolean {
  if (root === undefined || own === undefined) return false;
  const says = (json: Json) => text(json, 'regex') ?? text(json, 'prefix') ?? text(json, 'exact');
  if (text(root, 'regex') !== undefined && says(own) !== undefined) return true;
  if (text(own, 'regex') !== undefined && says(root) !== undefined) return true;
  const exact = text(root, 'exact');
  if (exact !== undefined) return text(own, 'exact') !== exact;
  const prefix = text(root, 'prefix');
  const narrower = text(own, 'prefix') ?? text(own, 'exact');
  return prefix === undefined || narrower === undefined || !narrower.startsWith(prefix);
}
