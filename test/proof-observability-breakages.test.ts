import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, type Json } from '../constructs/kit/json.ts';
import { modelOf, prove, readWorlds, type World } from '../constructs/proof/index.ts';
import { isCommonLabel, seriesOf } from '../constructs/proof/model/promql/known.ts';
import { parseQuery } from '../constructs/proof/model/promql/parse.ts';
import { type Query, queriesOf } from '../constructs/proof/model/promql/queries.ts';

const dist = resolve(import.meta.dirname, '../dist');

/** Of each stack the objects that hold queries. */
const stacks = readdirSync(dist).flatMap((stack) => {
  const [world] = readWorlds([join(dist, stack)]);
  const objects = world?.objects.filter(({ kind }) => /^(ConfigMap|PrometheusRule|Grafana.*)$/.test(kind)) ?? [];
  const own = world && { ...world, objects };
  return own && queriesOf(modelOf(own)).length > 0 ? [{ stack, world: own }] : [];
});

const said = (world: World) => prove(world).filter(({ code }) => /^OBS00/.test(code));

const escaped = (text: string) => JSON.stringify(text).slice(1, -1);

/** Whether a query stands once in its object: a text that is there twice cannot be broken in one place alone. */
function isOnce({ at, expr }: Query): boolean {
  const text = JSON.stringify(at.object.json);
  return [escaped(expr), escaped(escaped(expr))].some((one) => text.split(one).length === 2);
}

/** The world with a text replaced in one object, wherever it stands in it first. */
function broken(world: World, { at }: Query, part: string, by: string): World {
  const objects = world.objects.map((object) => {
    if (object !== at.object) return object;
    const json = changed(object.json, (text) =>
      text.includes(part) ? text.replace(part, () => by) : text.replace(escaped(part), () => escaped(by)),
    );
    return isObject(json) ? { ...object, json } : object;
  });
  return { ...world, objects };
}

/** The first text of a tree that a change makes another. */
function changed(json: Json, change: (text: string) => string): Json {
  let done = false;
  const walk = (node: Json): Json => {
    if (done) return node;
    if (typeof node === 'string') {
      const text = change(node);
      done = text !== node;
      return text;
    }
    if (Array.isArray(node)) return node.map(walk);
    if (!isObject(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, value === undefined ? value : walk(value)]));
  };
  return walk(json);
}

/** Slips of the hand in a word of a name: a letter left out, one doubled, two that changed places. */
function slips(name: string): string[] {
  return [...name.matchAll(/[a-z]{5,}/g)]
    .flatMap(({ 0: word, index }) => {
      const put = (by: string) => `${name.slice(0, index)}${by}${name.slice(index + word.length)}`;
      const swapped = `${word.charAt(0)}${word.charAt(2)}${word.charAt(1)}${word.slice(3)}`;
      return [put(`${word.slice(0, 2)}${word.slice(3)}`), put(`${word.slice(0, 3)}${word.slice(2)}`), put(swapped)];
    })
    .filter((slip) => slip !== name);
}

/** All that may go wrong in one query: its text with one metric or one label misspelt. */
function breakages(query: Query): { by: string; code: string; hint: string }[] {
  const { selectors, labels } = parseQuery(query.expr);
  const put = (name: string, slip: string) => query.expr.replace(new RegExp(`\\b${name}\\b(?!")`), slip);
  const ofMetrics = selectors.flatMap(({ metric }) =>
    metric !== undefined && /^(istio|pilot|otelcol)_/.test(metric)
      ? slips(metric).flatMap((slip) => (seriesOf(slip) ? [] : [{ by: put(metric, slip), code: 'OBS002', hint: metric }]))
      : [],
  );
  const ofLabels = labels.flatMap(({ label, of }) =>
    of.open || label === '__name__' || !of.metrics.some((metric) => seriesOf(metric)?.labels.has(label))
      ? []
      : slips(label).flatMap((slip) => (isCommonLabel(slip) ? [] : [{ by: put(label, slip), code: 'OBS003', hint: label }])),
  );
  return [...ofMetrics, ...ofLabels].filter(({ by }) => by !== query.expr);
}

describe.each(stacks)('$stack', ({ world }) => {
  const queries = queriesOf(modelOf(world)).filter((query) => isOnce(query) && breakages(query).length > 0);

  it('has queries in which nothing is wrong', () => {
    expect(queries.length).toBeGreaterThan(0);
    expect(said(world)).toEqual([]);
  });

  it('is told of one misspelt name, where it stands', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (i, j) => {
        const query = queries[i % queries.length];
        const ways = query ? breakages(query) : [];
        const way = ways[j % ways.length];
        if (!query || !way) return;
        const findings = said(broken(world, query, query.expr, way.by));
        expect(findings.map(({ code, object, hint }) => [code, object, hint])).toEqual([
          [way.code, query.at.object.id, `did you mean "${way.hint}"?`],
        ]);
      }),
      { seed: 7, numRuns: 30 },
    );
  });
});
