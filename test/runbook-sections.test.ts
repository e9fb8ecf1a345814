import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { metrics, scrapeLabels } from '../constructs/kit/metrics/index.ts';
import { type Model, modelOf, readWorlds, runbook } from '../constructs/proof/index.ts';
import { pagesOf } from '../constructs/proof/runbook/pages.ts';

const dist = join(import.meta.dirname, '../dist');
const stacks = readdirSync(dist);
const models = new Map<string, Model>();

function modelNamed(stack: string): Model {
  const known = models.get(stack);
  if (known) return known;
  const [world] = readWorlds([join(dist, stack)]);
  if (!world) throw new Error(`no world in ${stack}`);
  const model = modelOf(world);
  models.set(stack, model);
  return model;
}

const book = (stack: string) => runbook(modelNamed(stack), stack);

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(([, inside = '']) => inside);
}

function section(text: string, title: string): string {
  const [, rest = ''] = text.split(`\n## ${title}\n`);
  return rest.split('\n## ')[0] ?? '';
}

/** The commands of a page: blocks, and what stands in one line of text. */
const commands = (text: string) => [
  ...blocks(text, 'sh').flatMap((one) => one.split('\n')),
  ...[...text.matchAll(/`((?:kubectl|istioctl|curl|npx|flux) [^`]*)`/g)].map(([, command = '']) => command),
];

describe.each(stacks)('the runbook of %s', (stack) => {
  it('has nothing empty, and nothing that a program left behind', () => {
    const text = book(stack);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
    expect(text).not.toMatch(/\n{3}|\|\s*\|\s*\n\| ---|^#+ *$/m);
    // Under each heading stands something else than the next of its kind.
    expect(text).not.toMatch(/^(#{2,}) .*\n+\1 /m);
    expect(text.endsWith('\n\n')).toBe(false);
  });

  it('begins with its headings, each as a link that leads there', () => {
    const text = book(stack);
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);
    const line = text.split('\n').find((one) => one.startsWith('[What is in it]')) ?? '';
    expect([...line.matchAll(/\[([^\]]*)\]/g)].map(([, heading]) => heading)).toEqual(headings);
    const anchors = new Set(
      [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^a-z0-9 _-]/g, '')
          .replaceAll(' ', '-'),
      ),
    );
    const linked = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = '']) => anchor);
    expect(linked.filter((anchor) => !anchors.has(anchor))).toEqual([]);
    expect(text).toContain(`](${stack}.svg)`);
  });

  it('has commands that a shell can read', () => {
    const all = blocks(book(stack), 'sh');
    expect(all.length).toBeGreaterThan(5);
    for (const one of all) {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: one, encoding: 'utf8' });
      expect(`${status} ${stderr}${status === 0 ? '' : one}`).toBe('0 ');
    }
  });

  it('names namespaces, workloads and Services that are there', () => {
    const model = modelNamed(stack);
    const all = commands(book(stack));
    const namespaces = new Set([...model.objects.map(({ namespace }) => namespace), ...model.objects.map(({ name }) => name)]);
    const asked = all.flatMap((one) => [...one.matchAll(/ -n ([a-z0-9-]+)/g)].map(([, name = '']) => name));
    expect(asked.length).toBeGreaterThan(5);
    expect([...new Set(asked)].filter((name) => !namespaces.has(name))).toEqual([]);

    const services = new Set(model.services.all.map(({ namespace, name }) => `${namespace}/${name}`));
    const forwarded = all.flatMap((one) =>
      [...one.matchAll(/-n (\S+) (?:port-forward service\/|get service )([a-z0-9-]+)/g)].map(
        ([, namespace, name]) => `${namespace}/${name}`,
      ),
    );
    expect(forwarded.filter((one) => !services.has(one))).toEqual([]);

    const restarted = all.flatMap((one) => {
      const [, namespace, names] = /-n (\S+) rollout restart deployment ?([a-z0-9 -]*)/.exec(one) ?? [];
      return (names ?? '').split(' ').flatMap((name) => (name === '' ? [] : [`${namespace}/${name}`]));
    });
    const workloads = new Set(model.workloads.map(({ namespace, name }) => `${namespace}/${name}`));
    expect(restarted.length).toBeGreaterThan(0);
    expect(restarted.filter((one) => !workloads.has(one))).toEqual([]);
  });

  it('opens every page in three ways', () => {
    const text = section(book(stack), 'Ways in');
    for (const { is, at, hasDashboard } of pagesOf(modelNamed(stack))) {
      expect(text, is).toMatch(new RegExp(`^\\| ${is} \\| (<https?://|\`http|not published)`, 'm'));
      expect(
        at.some(({ service }) => text.includes(`port-forward service/${service.name} `)),
        is,
      ).toBe(true);
      expect(text.includes(`\nistioctl dashboard ${is}`), is).toBe(hasDashboard);
    }
  });

  it('asks for metrics that there are, by labels that they have', () => {
    for (const query of queries(book(stack))) {
      expect(problems(query), query).toEqual([]);
    }
  });

  it('asks for services that there are', () => {
    const names = new Set(modelNamed(stack).services.all.map(({ name, namespace }) => `${name} ${namespace}`));
    const text = section(book(stack), 'Ask the metrics');
    const asked = [...text.matchAll(/destination_service_name="([^"]*)", destination_service_namespace="([^"]*)"/g)];
    expect(asked.map(([, name, namespace]) => `${name} ${namespace}`).filter((one) => !names.has(one))).toEqual([]);
  });

  it('links to dashboards that there are', () => {
    const uids = [...book(stack).matchAll(/\]\(https?:\/\/[^)]*\/d\/([^)]+)\)/g)].map(([, uid]) => uid);
    const text = JSON.stringify(modelNamed(stack).dashboards.map(({ object }) => object.json));
    expect(uids.filter((uid) => !text.includes(`\\"uid\\": \\"${uid}\\"`))).toEqual([]);
    expect(uids.length > 0).toBe(modelNamed(stack).dashboards.length > 0);
  });
});

describe('the queries of a runbook', () => {
  it('are of several kinds', () => {
    expect(queries(book('tempo')).length).toBeGreaterThan(8);
  });

  it('would be told if a metric or label were misspelt, or the query no query', () => {
    expect(problems('sum(rate(istio_request_total[5m]))')).toEqual(['istio_request_total']);
    expect(problems('istio_requests_total{destination="a"}')).toEqual(['destination']);
    expect(problems('sum by (servise) (istio_requests_total)')).toEqual(['servise']);
    expect(problems('sum(rate(istio_requests_total[5m])')).not.toEqual([]);
  });
});

function queries(text: string): string[] {
  return blocks(text, 'promql').flatMap((block) => block.trim().split('\n\n'));
}

/** What of a query does not parse, or is not in the catalogue. */
function problems(query: string): string[] {
  const found: string[] = [];
  const names: string[] = [];
  const labels: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to, node }) => {
      const text = query.slice(from, to);
      if (type.isError) found.push(`syntax at ${from}`);
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') names.push(text);
      if (type.name === 'LabelName') labels.push(text);
    },
  });
  const known = new Set<string>([...scrapeLabels, 'le']);
  for (const name of names) {
    const metric = Object.entries(metrics).find(([one]) => name === one || name === `${one}_bucket`)?.[1];
    if (!metric) found.push(name);
    else for (const label of metric.labels) known.add(label);
  }
  return [...found, ...(names.some((name) => found.includes(name)) ? [] : labels.filter((label) => !known.has(label)))];
}
