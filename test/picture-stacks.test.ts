import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelOf, readWorlds } from '../constructs/proof/index.ts';
import { addressOf } from '../constructs/proof/model/pages/backends.ts';
import { pictureOf, toDot, toMermaid, toSvg, traceSequence } from '../constructs/proof/picture/index.ts';
import { entrancesOf } from '../constructs/proof/runbook/entrances.ts';
import { factsOf } from '../constructs/proof/runbook/facts.ts';
import { expectWellFormed } from './picture-world.ts';

const root = resolve(import.meta.dirname, '..');
const stacks = readdirSync(join(root, 'dist')).sort();

function stackOf(stack: string) {
  const [world] = readWorlds([join(root, 'dist', stack)]);
  if (!world) throw new Error(`no stack ${stack}`);
  const model = modelOf(world);
  const picture = pictureOf(model, stack);
  const node = (id: string) => picture.nodes.find((one) => one.id === id);
  return { model, picture, node };
}

describe.each(stacks)('the picture of %s', (stack) => {
  const { model, picture, node } = stackOf(stack);
  const named = (name: string) =>
    picture.nodes.filter(
      ({ id, lines }) =>
        id.endsWith(`/${name}`) || lines.some((line) => /^also as /.test(line) && line.slice(8).split(', ').includes(name)),
    );

  it('has no arrow from or to nothing, and no node twice', () => {
    const ids = picture.nodes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { from, fromRow, to } of picture.edges) {
      expect(node(to), to).toBeDefined();
      if (fromRow !== undefined) expect(node(from)?.rows.map(({ id }) => id)).toContain(fromRow);
      else expect(node(from), from).toBeDefined();
    }
    const groups = new Set(picture.groups.map(({ id }) => id));
    for (const { group } of picture.nodes) if (group !== undefined) expect(groups).toContain(group);
  });

  it('has the way of a span whole: from the proxies to a backend, each step with its port', () => {
    const { paths } = factsOf(model, stack);
    expect(paths.length).toBeGreaterThan(0);
    for (const { hops, end } of paths) {
      let from = 'data-plane';
      for (const { service, port } of hops) {
        const step = picture.edges.find(
          (one) =>
            one.kind === 'span' &&
            one.from === from &&
            one.label.includes(`:${port}`) &&
            named(service?.name ?? '').some(({ id }) => id === one.to),
        );
        expect(step, `${from} -> ${service?.name}:${port}`).toBeDefined();
        from = step?.to ?? '';
      }
      expect(end).toBe('stored');
      expect(node(from)?.kind).toBe('backend');
    }
  });

  it('has every host at its way in, with an arrow to the service it leads to', () => {
    const entrances = entrancesOf(model);
    expect(entrances.length).toBeGreaterThan(0);
    for (const { host, path, service } of entrances) {
      const arrows = picture.edges.filter(({ kind, fromRow }) => kind === 'request' && fromRow === `${host}${path}`);
      expect(
        arrows.map((one) => node(one.to)),
        host,
      ).toContain(named(service.name)[0]);
    }
  });

  it('has every service that routes lead to', () => {
    for (const { object, destinations } of model.routes)
      for (const { host } of destinations) {
        const found = model.services.find(host, object.namespace);
        if (found.is !== 'service') continue;
        expect(named(found.service.name), host).not.toEqual([]);
      }
  });

  it('has who reads: an arrow for each data source and each backend of Kiali', () => {
    for (const { url, what } of [...model.dataSources, ...model.kialiBackends]) {
      const label = `:${addressOf(url)?.port}`;
      const reads = picture.edges.filter((one) => one.kind === 'read' && one.label === label);
      expect(reads, what).not.toEqual([]);
    }
  });

  it('tells control plane and data plane, and how each namespace takes part', () => {
    expect(picture.edges).toContainEqual(
      expect.objectContaining({ kind: 'config', to: 'data-plane', label: expect.stringContaining('configures (xDS)') }),
    );
    const apps = picture.groups.find(({ title }) => title === 'bookinfo' || title === 'apps');
    expect(apps?.subtitle).toMatch(stack === 'platform-ambient' ? /^ambient, waypoint, mTLS/ : /^sidecars, mTLS/);
  });

  it('is the one committed: npx tsx tools/pictures.ts', async () => {
    expect(await toSvg(picture)).toBe(readFileSync(join(root, 'docs/stacks', `${stack}.svg`), 'utf8'));
  });

  it('is a well-formed SVG that says what it shows, and loads nothing', async () => {
    const svg = await toSvg(picture);
    expectWellFormed(svg);
    expect(svg).toMatch(new RegExp(`<title id="title">${stack}</title>\n<desc id="description">.+</desc>`));
    expect(svg).not.toMatch(/<script|<foreignObject|<image|@import|url\(|href=|graphviz/i);
    expect(Number(/^<svg [^>]*width="(\d+)"/.exec(svg)?.[1])).toBeLessThan(1600);
    for (const { title } of picture.groups) expect(svg).toContain(`>${title}</text>`);
  });

  it('is drawn by Mermaid within its limits, and by dot', () => {
    const mermaid = toMermaid(picture);
    expect(mermaid.length).toBeLessThan(50_000);
    for (const one of picture.nodes)
      expect(mermaid).toMatch(new RegExp(`<b>${one.title.replace(/[^a-z]/gi, '.')}.*:::kind-${one.kind}$`, 'm'));
    expect(toDot(picture).match(/ -> /g)?.length).toBeGreaterThanOrEqual(picture.edges.length);
  });

  it('has beside it how one request becomes a trace, to the backend', () => {
    const { app, paths } = factsOf(model, stack);
    const text = traceSequence(model) ?? '';
    expect(text).toMatch(/^sequenceDiagram\n {2}participant p0 as /);
    expect(text).toContain(`${app?.entrance.path}`);
    expect(text).toContain('must copy to each call it makes: x-request-id');
    const last = paths[0]?.hops.at(-1);
    expect(text.trimEnd().split('\n').at(-1)).toContain(`:${last?.port}`);
  });
});

it('no picture of a stack that is gone is committed', () => {
  const pictures = readdirSync(join(root, 'docs/stacks')).filter((file) => file.endsWith('.svg'));
  expect(pictures.sort()).toEqual(stacks.map((stack) => `${stack}.svg`).sort());
});
