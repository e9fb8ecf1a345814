import { App } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { Layer } from '../constructs/index.ts';
import { UserError } from '../constructs/kit/index.ts';
import { fromObjects, prove } from '../constructs/proof/index.ts';
import { otherCases } from './support/careless-others.ts';
import { base, type Case } from './support/careless-place.ts';
import { routeCases } from './support/careless-routes.ts';
import { type Loose, objects } from './support/synth.ts';

const cases = { ...routeCases, ...otherCases };

const numbers = [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 0.1 + 0.2, 1e9, 1e21, 65536];
const texts = [
  '',
  ' ',
  'a b',
  'a\nb',
  'Größe',
  '😀',
  '*',
  '-',
  '/',
  '..',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what Flux would replace
  '${X}',
  '[',
  '__proto__',
  'A.B',
  'x'.repeat(70),
  'x'.repeat(5000),
];

type Step = string | number;

/** Where texts, numbers and lists stand in plain options; constructs and what they hand out are left as they are. */
function leaves(node: Loose, path: readonly Step[] = []): { path: readonly Step[]; values: readonly unknown[]; key?: boolean }[] {
  if (typeof node === 'number') return [{ path, values: numbers }];
  if (typeof node === 'string') return [{ path, values: texts }];
  if (Array.isArray(node)) {
    const inner = node.flatMap((item, i) => leaves(item, [...path, i]));
    const lists = [[], [...node, ...node], Array.from({ length: 3000 }, () => node[0])];
    return path.length > 0 ? [{ path, values: lists }, ...inner] : inner;
  }
  if (typeof node !== 'object' || node === null || Object.getPrototypeOf(node) !== Object.prototype || 'of' in node) return [];
  return Object.entries(node).flatMap(([key, value]) => (words.includes(key) ? [] : leaves(value, [...path, key])));
}

/** Options that are one of a few words, which types hold. */
const words = [
  'method',
  'on',
  'allowMethods',
  'scheme',
  'code',
  'http2',
  'loadBalancing',
  'addressesFrom',
  'appProtocol',
  'mode',
  'firstHop',
  'outboundTraffic',
  'key',
  'POD',
];

/** Maps whose keys are the user's own words. */
const named = [
  'headers',
  'query',
  'without',
  'set',
  'add',
  'labels',
  'env',
  'claims',
  'failover',
  'distribute',
  'outputClaimToHeaders',
  'ports',
  'versions',
  'selector',
];

function keys(node: Loose, path: readonly Step[] = []): (readonly Step[])[] {
  if (typeof node !== 'object' || node === null || 'of' in node) return [];
  if (!Array.isArray(node) && Object.getPrototypeOf(node) !== Object.prototype) return [];
  return Object.entries(node).flatMap(([key, value]) => [
    ...(named.includes(String(path.at(-1))) && !Array.isArray(node) && !('request' in node) ? [[...path, key]] : []),
    ...keys(value, [...path, Array.isArray(node) ? Number(key) : key]),
  ]);
}

function changed(node: Loose, [step, ...rest]: readonly Step[], change: (value: unknown) => unknown): Loose {
  if (step === undefined) return change(node);
  const value = changed(node[step], rest, change);
  return Array.isArray(node) ? node.with(Number(step), value) : { ...node, [step]: value };
}

function renamed(node: Loose, path: readonly Step[], to: string): Loose {
  const last = String(path.at(-1));
  return changed(node, path.slice(0, -1), (map) =>
    Object.fromEntries(Object.entries(map as object).map(([key, value]) => [key === last ? to : key, value])),
  );
}

// What the API server or istiod would refuse; that nobody is selected, or a host unknown, is another matter.
const REFUSED = /^(OBJ0(0[1-69]|12)|RTE0(02|06|07|17)|REF010)$/;
const baseObjects = objects(base)
  .filter(({ kind }) => kind !== 'Namespace')
  .map((json) => ({ json, path: 'base' }));

/** What is wrong with what came of some options: undefined for a UserError, or for objects that nobody refuses. */
function fault({ make }: Case, props: unknown): string | undefined {
  const layer = new Layer(new App(), 'case', { namespace: 'shop' });
  try {
    make(layer, props);
  } catch (error) {
    if (!(error instanceof UserError)) return `${error}`;
    if (!error.message.includes('case') && !/split|canary/.test(error.message)) return `does not say where: ${error.message}`;
    return /\bundefined\b|\n/.test(error.message) ? `unreadable: ${error.message.slice(0, 300)}` : undefined;
  }
  const made = objects(layer);
  const text = JSON.stringify(made, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? 'NaN' : value));
  if (/NaN|Infinity|undefined|e\+21/.test(text)) return `writes ${/.{30}(NaN|Infinity|undefined|e\+21).{10}/.exec(text)?.[0]}`;
  const world = fromObjects([...baseObjects, ...made.map((json) => ({ json, path: 'case' }))]);
  const found = prove(world).filter(({ code, path }) => REFUSED.test(code) && path?.startsWith('case'));
  return found[0] && `${found[0].code} ${found[0].message}`;
}

const shown = (value: unknown) => (Array.isArray(value) ? `a list of ${value.length}` : JSON.stringify(`${value}`).slice(0, 40));

describe('careless options', () => {
  it.each(Object.entries(cases))('of %s: nothing is refused as it stands', (_, one) => {
    const layer = new Layer(new App(), 'case', { namespace: 'shop' });
    one.make(layer, one.props);
    expect(fault(one, one.props)).toBeUndefined();
  });

  it.each(Object.entries(cases))('of %s make a message, or what the cluster takes', (_, one) => {
    const values = leaves(one.props).flatMap(({ path, values }) =>
      values.map((value) => [`${path.join('.')} = ${shown(value)}`, changed(one.props, path, () => value)] as const),
    );
    const names = keys(one.props).flatMap((path) =>
      texts.map((text) => [`${path.join('.')} renamed ${shown(text)}`, renamed(one.props, path, text)] as const),
    );
    const wrong = [...values, ...names].flatMap(([what, props]) => {
      const found = fault(one, props);
      return found === undefined ? [] : [`${what}: ${found}`];
    });
    expect(wrong.join('\n')).toBe('');
  });
});
