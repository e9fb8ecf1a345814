import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PolyglotDemo, type PolyglotDemoProps } from '../constructs/apps/index.ts';
import { type Destination, forwardedHeaders, UserError } from '../constructs/kit/index.ts';
import { startService } from './conformance/flow/processes.ts';
import { node, polyglot } from './conformance/polyglot.ts';
import { forwardable as all, checks, joinProblems, type Program, programs } from './conformance/polyglot-checks.ts';
import { skipped } from './conformance/tally.ts';
import { type Loose, layer, object } from './support/synth.ts';

const program = (file: string) => readFileSync(join(programs, file), 'utf8');

function synth(props: PolyglotDemoProps = {}) {
  const l = layer('lab');
  return { l, demo: new PolyglotDemo(l, 'polyglot', props) };
}

const container = (l: Loose, name: string) => object(l, 'Deployment', `service-${name}-v1`).spec.template.spec.containers[0];
const envOf = (l: Loose, name: string): Record<string, string> =>
  Object.fromEntries((container(l, name).env ?? []).map((e: Loose) => [e.name, e.value]));

describe('PolyglotDemo', () => {
  it.each([
    ['web', 'docker.io/library/node:', ['service.mjs', 'index.html'], ['node', '/app/service.mjs']],
    ['python', 'docker.io/library/python:', ['service.py'], ['python', '/app/service.py']],
    ['lua', 'docker.io/openresty/openresty:', ['nginx.conf'], ['openresty']],
    ['node', 'docker.io/library/node:', ['service.mjs'], ['node', '/app/service.mjs']],
    ['go', 'docker.io/library/golang:', ['service.go'], ['sh', '-c']],
  ])('runs %s from its files on a stock image, at port 80', (name, image, files, command) => {
    const { l } = synth();
    expect(object(l, 'ConfigMap', `service-${name}`).data).toEqual(Object.fromEntries(files.map((f) => [f, program(f)])));
    expect(object(l, 'Service', `service-${name}`).spec).toEqual({
      selector: { app: `service-${name}` },
      ports: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
    });
    const pod = container(l, name);
    expect(pod.image.startsWith(image)).toBe(true);
    expect(pod.command.slice(0, command.length)).toEqual(command);
    expect(pod.readinessProbe.httpGet).toEqual({ path: '/status', port: 8080 });
    expect(pod.livenessProbe.httpGet).toEqual({ path: '/status', port: 8080 });
    expect(pod.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(object(l, 'ServiceAccount', `service-${name}`).automountServiceAccountToken).toBe(false);
  });

  it('asks in the order of the tutorials', () => {
    const { l } = synth();
    const url = (name: string) => `http://service-${name}.lab.svc.cluster.local:80/env`;
    expect(envOf(l, 'web').UPSTREAMS).toBe(`${url('python')},${url('go')}`);
    expect(envOf(l, 'python').UPSTREAMS).toBe(`${url('lua')},${url('node')}`);
    for (const leaf of ['lua', 'node', 'go']) expect(envOf(l, leaf)).not.toHaveProperty('UPSTREAMS');
  });

  it('hands out its services as destinations, and its page', () => {
    const { demo } = synth();
    const to: Destination = demo.services.python;
    expect(to.host).toBe('service-python.lab.svc.cluster.local');
    expect(demo.services.go.serviceAccount).toBe('service-go');
    expect(demo.services.go.versions.v1.selector).toEqual({ app: 'service-go', version: 'v1' });
    expect(demo.page.endpoint.authority).toBe('service-web.lab.svc.cluster.local:80');
  });

  it('gives Go the time and the place to build', () => {
    const go = container(synth().l, 'go');
    expect(go.startupProbe.failureThreshold * go.startupProbe.periodSeconds).toBeGreaterThanOrEqual(300);
    expect(go.volumeMounts.map((m: Loose) => m.mountPath)).toContain('/tmp');
    expect(envOf(synth().l, 'go')).toMatchObject({ CGO_ENABLED: '0', GOCACHE: '/tmp/cache' });
  });

  it('takes every option', () => {
    const images: Required<NonNullable<PolyglotDemoProps['images']>> = {
      python: 'registry.example.com/python:3.12.1',
      lua: 'registry.example.com/openresty:1.25.3.2-alpine',
      node: 'registry.example.com/node:24.1.0',
      go: 'registry.example.com/golang:1.24.1',
    };
    const props: Required<PolyglotDemoProps> = { headers: 'opentelemetry', images };
    const { l, demo } = synth(props);
    for (const [name, image] of Object.entries({ ...images, web: images.node })) expect(container(l, name).image).toBe(image);
    expect(demo.forwards).toEqual(forwardedHeaders('opentelemetry', 'a test'));
    for (const name of ['web', 'python', 'node', 'go']) expect(envOf(l, name).FORWARD_HEADERS).toBe(demo.forwards.join(','));
  });

  it('refuses what cannot be', () => {
    expect(() => synth({ headers: ['host'] })).toThrow(UserError);
    expect(() => synth({ images: { go: 'golang' } })).toThrow(/"golang" of 'layer\/polyglot\/service-go\/v1' is not pinned/);
  });
});

/** For each check, a slip in the program that only a check can find, and what it says of it. */
const slips: Record<keyof typeof checks, readonly [right: string, wrong: string, problem: RegExp]> = {
  'forwards what came, and nothing else': [
    'forward.filter((key) => headers[key])',
    'forward.filter((key) => key in headers)',
    /parentspanid/,
  ],
  'loses a header that is not on the list': [
    'forward.filter(',
    'Object.keys(headers).filter(',
    /^forwarded: .*expected \["x-request-id"\]$/,
  ],
  'answers alone, serves nothing else, and ends on SIGTERM': [
    'server.close()',
    'process.exit(3)',
    /^exit code after SIGTERM: 3, expected 0$/,
  ],
  'tells why there is no whole answer': [
    'throw new Error(`answered',
    'throw new Error(`was',
    /^error: .*expected upstream .*: answered 504 fault filter abort$/,
  ],
  'answers what is under way before it ends': [
    'server.close()',
    'process.exit(0)',
    /^answer after SIGTERM: undefined, expected 502$/,
  ],
};

describe('the program for Node, as a process', () => {
  /** It with one thing wrong. */
  function slipped(right: string, wrong: string): Program {
    const home = mkdtempSync(join(tmpdir(), 'polyglot-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const text = program('service.mjs');
    expect(text.split(right)).toHaveLength(2);
    writeFileSync(
      join(home, 'service.mjs'),
      text.replace(right, () => wrong),
    );
    return {
      name: node.name,
      start: (env = {}) =>
        startService(process.execPath, [join(home, 'service.mjs')], { env: { FORWARD_HEADERS: all.join(','), ...env } }),
    };
  }

  it.each(Object.entries(checks))('%s', async (_, problems) => {
    expect(await problems(node)).toEqual([]);
  });

  it.each(Object.entries(slips))('is found out where it does not: %s', async (what, [right, wrong, problem]) => {
    const problems = new Map(Object.entries(checks)).get(what);
    expect(await problems?.(slipped(right, wrong))).toContainEqual(expect.stringMatching(problem));
  });

  it('joins the answers of those that it asks, page and all', async () => {
    expect(await joinProblems({ python: node, node, go: node })).toEqual([]);
    const other = slipped('----->', '->');
    expect(await joinProblems({ python: node, node: other, go: node })).toEqual([
      expect.stringMatching(/^\/env: "Web->Node.*expected \^Web----->/),
    ]);
  });

  it('is found out when it does not start', async () => {
    const [check] = Object.values(checks);
    const problems = await check?.(slipped('server.listen(', 'missing.listen('));
    expect(problems?.[0]).toMatch(/is not ready: it ended with 1$/);
    expect(problems).toContain('ReferenceError: missing is not defined');
  });
});

describe('the programs in Python and Go', () => {
  it('are left to a machine that has these', async () => {
    const { PATH } = process.env;
    onTestFinished(() => {
      process.env.PATH = PATH;
    });
    process.env.PATH = '';
    expect(await polyglot()).toEqual([
      skipped('polyglot: service.py', 'python3 is not on PATH'),
      skipped('polyglot: service.go', 'go is not on PATH'),
      skipped(expect.stringContaining('join their answers'), 'not all of its programs can run'),
    ]);
  });
});
