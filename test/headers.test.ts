import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { type Arrived, faultsIn, hasOwnSpans, newProbe, sentBy } from '../cli/header-probe.ts';
import { forwardedHeaders, traceHeaderSetNames, traceHeaders, userHeaders } from '../constructs/kit/index.ts';
import { freePorts } from './conformance/flow/loopback.ts';
import { startService } from './support/header-chain.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const all = forwardedHeaders('all', 'a test');
const program = read('constructs/apps/header-chain/server.mjs');

describe('the headers of each tracer', () => {
  const b3 = ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled', 'x-b3-parentspanid', 'x-b3-flags'];

  it.each<[keyof typeof traceHeaders, readonly string[]]>([
    ['zipkin', b3],
    ['zipkin-b3-w3c', [...b3, 'traceparent', 'tracestate']],
    ['opentelemetry', ['traceparent', 'tracestate']],
    ['skywalking', ['sw8']],
    ['datadog', ['x-datadog-trace-id', 'x-datadog-parent-id', 'x-datadog-sampling-priority']],
    ['classic', [...b3, 'x-ot-span-context']],
    ['b3', b3],
    ['w3c', ['traceparent', 'tracestate']],
    ['sw8', ['sw8']],
  ])('are known: %s', (name, expected) => {
    expect(traceHeaders[name].headers.map((header) => header.name)).toEqual(['x-request-id', ...expected]);
  });

  it('are all forwarded by an app that forwards all, with what users bring, each once', () => {
    expect(all).toEqual([...new Set(all)]);
    for (const name of traceHeaderSetNames) expect(all).toEqual(expect.arrayContaining(forwardedHeaders(name, 'a test')));
    expect(all).toEqual(expect.arrayContaining([...userHeaders, 'b3', 'baggage']));
    expect(userHeaders).toEqual(expect.arrayContaining(['user-agent', 'cookie', 'authorization', 'jwt', 'end-user']));
    expect(all.filter((name) => name !== name.toLowerCase())).toEqual([]);
  });

  it('need not be made up where a request may come without them', () => {
    const sometimes = traceHeaders.zipkin.headers.filter(({ comes }) => comes === 'sometimes');
    expect(sometimes.map(({ name }) => name)).toEqual(['x-b3-parentspanid', 'x-b3-flags']);
  });
});

const every = traceHeaderSetNames.flatMap((name) => [...traceHeaders[name].headers]);
const asArrived = (headers: Readonly<Record<string, string>>): Record<string, readonly string[]> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
const kinds = (arrived: Arrived, probe: ReturnType<typeof newProbe>) =>
  faultsIn(arrived, probe).map(({ fault, header }) => `${fault} ${header}`);

describe('what an app makes of the headers', () => {
  const probe = newProbe(every);
  const sent = asArrived(sentBy(probe));

  it('is fine when all arrive as they were sent', () => {
    expect([...probe.keys()].sort()).toEqual([...new Set(every.map(({ name }) => name))].sort());
    expect(kinds(sent, probe)).toEqual([]);
    expect(hasOwnSpans(sent, probe)).toBe(false);
  });

  it.each([...probe.keys()])('is a fault when %s is lost, empty, twice or of another trace', (header) => {
    const { [header]: value, ...rest } = sent;
    expect(kinds(rest, probe)).toEqual([`missing ${header}`]);
    expect(kinds({ ...rest, [header]: [''] }, probe)).toEqual([`empty ${header}`]);
    expect(kinds({ ...rest, [header]: [...(value ?? []), 'other'] }, probe)).toEqual([`twice ${header}`]);
    expect(kinds({ ...rest, [header]: ['other'] }, probe)).toEqual([`changed ${header}`]);
  });

  it('is fine with spans of its own in the same trace, which leave out what is said of the span before', () => {
    const { 'x-b3-parentspanid': _, 'x-b3-flags': __, ...rest } = sent;
    const arrived = { ...rest, 'x-b3-spanid': ['00f067aa0ba902b7'] };
    expect(kinds(arrived, probe)).toEqual([]);
    expect(hasOwnSpans(arrived, probe)).toBe(true);
    const traceparent = sent.traceparent?.[0]?.replace(/-[0-9a-f]{16}-/, '-00f067aa0ba902b7-') ?? '';
    expect(kinds({ ...sent, traceparent: [traceparent], tracestate: ['own=1,meshwright=probe'] }, probe)).toEqual([]);
  });

  it('is a fault when a span of its own begins another trace, or drops the sampling decision', () => {
    const other = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(kinds({ ...sent, traceparent: [other] }, probe)).toEqual(['changed traceparent']);
    const unsampled = sent.traceparent?.[0]?.replace(/01$/, '00') ?? '';
    expect(kinds({ ...sent, traceparent: [unsampled] }, probe)).toEqual(['changed traceparent']);
    expect(kinds({ ...sent, 'x-b3-sampled': ['0'] }, probe)).toEqual(['changed x-b3-sampled']);
    expect(kinds({ ...sent, sw8: ['1-b3RoZXI=-YQ==-0-YQ==-YQ==-YQ==-YQ=='] }, probe)).toEqual(['changed sw8']);
  });

  it('takes the one header b3 in the place of the others', () => {
    const zipkin = newProbe(traceHeaders.zipkin.headers);
    const { 'x-request-id': id = '', 'x-b3-traceid': trace, 'x-b3-spanid': span } = sentBy(zipkin);
    expect(kinds(asArrived({ 'x-request-id': id, b3: `${trace}-${span}-1` }), zipkin)).toEqual([]);
    expect(kinds(asArrived({ 'x-request-id': id, b3: `4bf92f3577b34da6a3ce929d0e0e4736-${span}-1` }), zipkin)).toHaveLength(5);
  });

  it('is a fault when it sends what nobody sent it', () => {
    const bare = newProbe([]);
    expect(kinds({}, bare)).toEqual([]);
    expect(kinds({ 'x-b3-parentspanid': [''], traceparent: ['undefined'], cookie: ['None'] }, bare)).toEqual([
      'empty x-b3-parentspanid',
      'empty traceparent',
      'empty cookie',
    ]);
    expect(kinds({ traceparent: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'] }, bare)).toEqual([]);
  });
});

async function meshwright(...args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [inject('cli'), 'headers', ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text) => {
    stdout += text;
  });
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

describe('meshwright headers', () => {
  it('prints the set of a provider, one a line, or as JSON', async () => {
    const { status, stdout } = await meshwright('--provider', 'opentelemetry');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'x-request-id\ntraceparent\ntracestate\n' });
    const json = await meshwright('--provider', 'zipkin', '--json');
    expect(JSON.parse(json.stdout)).toEqual({
      sets: [{ provider: 'zipkin', usedBy: 'provider zipkin', headers: traceHeaders.zipkin.headers }],
      besides: userHeaders,
    });
  });

  it('prints all of them', async () => {
    const { status, stdout } = await meshwright();
    expect(status).toBe(0);
    for (const name of traceHeaderSetNames) expect(stdout).toContain(`${name}: ${traceHeaders[name].usedBy}\n  x-request-id\n`);
    expect(stdout).toContain('  x-b3-flags (when it came)\n');
  });

  it.each([
    [
      ['--provider', 'zipkln'],
      /^meshwright: provider "zipkln" is not known: allowed are b3, w3c, .*; did you mean "zipkin"\?\n$/,
    ],
    [
      ['check', 'http://127.0.0.1:1/', '--echo', '70000'],
      /'--echo <port>' argument '70000' is invalid. allowed is a port from 1 to 65535/,
    ],
    [['check', 'http://127.0.0.1:1/'], /required option '--echo <port>' not specified/],
    [['check', 'ftp://127.0.0.1', '--echo', '1'], /URL "ftp:\/\/127.0.0.1" cannot be called/],
    [['check', 'http://a', '--echo', '1', '--provider', 'jaeger'], /provider "jaeger" is not known/],
    [['check', 'http://a', '--echo', '1', '--header', 'x'], /allowed is 'name: value'/],
    [['check', 'http://a', '--echo', '1', '--also', 'host'], /header "host" of --also belongs to one connection/],
  ])('refuses %j', async (args, told) => {
    const { status, stdout, stderr } = await meshwright(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(told);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

/** An app in the test that asks the echo with the headers that `send` makes of those it got. */
async function startApp(
  echo: number,
  send: (got: Readonly<Record<string, string>>) => Record<string, string | string[]> | undefined,
) {
  const server = createServer((incoming, response: ServerResponse) => {
    const got = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const headers = send(got);
    if (!headers) {
      response.writeHead(500).end();
      return;
    }
    request({ host: '127.0.0.1', port: echo, path: '/stock', headers }, (answer) => {
      answer.resume();
      response.end();
    }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
}

const copied = (got: Readonly<Record<string, string>>) =>
  Object.fromEntries(all.flatMap((name) => (got[name] ? [[name, got[name]]] : [])));

describe('meshwright headers check', () => {
  async function checkDemo(forward: readonly string[], ...args: readonly string[]) {
    const [port = 0] = await freePorts(1);
    const { url } = await startService(program, { UPSTREAM: `http://127.0.0.1:${port}/`, FORWARD_HEADERS: forward.join(',') });
    return meshwright('check', `${url}/api/v1/testA/`, '--echo', `${port}`, ...args);
  }

  it('passes the demo for every tracer', async () => {
    const { status, stdout, stderr } = await checkDemo(all, '--also', 'end-user,cookie', '--header', 'end-user: jason');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^PASS http:\S+ forwards the headers of every tracer, end-user, cookie\n$/);
  });

  it.each([
    ['x-b3-sampled', ['--provider', 'zipkin']],
    ['traceparent', []],
    ['end-user', ['--also', 'end-user', '--provider', 'sw8']],
  ])('is red when the demo forgets %s', async (name, args) => {
    const { status, stdout } = await checkDemo(
      all.filter((header) => header !== name),
      ...args,
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/^FAIL /);
    expect(stdout.match(/^ {4}\w+ +(\S+)$/gm)).toEqual([`    missing ${name}`]);
    expect(stdout).toContain('  hint: copy these from each request');
    expect(stdout.includes('with --provider')).toBe(!args.includes('--provider'));
  });

  it('asks for the headers of the provider only', async () => {
    expect((await checkDemo(['x-request-id', 'sw8'], '--provider', 'skywalking')).status).toBe(0);
    expect((await checkDemo(['x-request-id', 'sw8'], '--provider', 'opentelemetry')).status).toBe(1);
  });

  it('finds headers that an app makes up empty when they did not come', async () => {
    const [port = 0] = await freePorts(1);
    const url = await startApp(port, (got) => ({ ...copied(got), 'x-b3-parentspanid': got['x-b3-parentspanid'] ?? '' }));
    const { status, stdout } = await meshwright('check', url, '--echo', `${port}`, '--provider', 'zipkin');
    expect(status).toBe(1);
    expect(stdout).toContain(
      '  GET /stock, asked without trace headers\n    empty   x-b3-parentspanid: it was not in the request\n',
    );
    expect(stdout).toContain('hint: leave a header out');
  });

  it('finds a header that code and library both set', async () => {
    const [port = 0] = await freePorts(1);
    const url = await startApp(port, (got) => ({
      ...copied(got),
      ...(got.traceparent ? { traceparent: [got.traceparent, '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'] } : {}),
    }));
    const { status, stdout } = await meshwright('check', url, '--echo', `${port}`, '--provider', 'w3c');
    expect(status).toBe(1);
    expect(stdout).toMatch(/ twice {3}traceparent: 00-\S+ and 00-4bf92f/);
  });

  it('finds an app that breaks without them', async () => {
    const [port = 0] = await freePorts(1);
    const url = await startApp(port, (got) => (got.traceparent ? copied(got) : undefined));
    const { status, stdout } = await meshwright('check', url, '--echo', `${port}`, '--provider', 'w3c', '--timeout', '1');
    expect(status).toBe(1);
    expect(stdout).toContain('asked without trace headers, the app did not call its upstream: it answered 500');
  });

  it('tells what to do when the app is not there, or does not call', async () => {
    const [port = 0, none = 0] = await freePorts(2);
    const away = await meshwright('check', `http://127.0.0.1:${none}/`, '--echo', `${port}`);
    expect({ status: away.status, stdout: away.stdout }).toEqual({ status: 2, stdout: '' });
    expect(away.stderr).toMatch(
      /^meshwright: cannot reach http:\S+ \(ECONNREFUSED\): start the app, or give the URL at which it answers\n$/,
    );
    const { url } = await startService(program, {});
    const silent = await meshwright('check', `${url}/api/v1/testA/`, '--echo', `${port}`, '--timeout', '0.5');
    expect({ status: silent.status, stdout: silent.stdout }).toEqual({ status: 2, stdout: '' });
    expect(silent.stderr).toContain(
      `answered 200 and did not call the echo at http://127.0.0.1:${port} within 0.5 s: start the app with that`,
    );
    const taken = await meshwright('check', url, '--echo', new URL(url).port);
    expect(taken.status).toBe(2);
    expect(taken.stderr).toMatch(/cannot listen at 127\.0\.0\.1:\d+ \(EADDRINUSE\): give --echo a port that is free/);
  });
});

describe('docs/headers.md', () => {
  it('has a row for each set, as it is', () => {
    const rows = traceHeaderSetNames.map((name) => {
      const { usedBy, headers } = traceHeaders[name];
      const list = headers.map((header) => `\`${header.name}\`${header.comes === 'sometimes' ? '\\*' : ''}`);
      return `| \`${name}\` | ${usedBy} | ${list.join(', ')} |`;
    });
    const page = read('docs/headers.md').split('\n');
    expect(page.filter((line) => /^\| `[\w-]+` \|/.test(line))).toEqual(rows);
  });

  it('names all that the demo forwards', () => {
    const page = read('docs/headers.md');
    expect(all.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
