import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { onLoopback, readDockerfile } from './conformance/flow/dockerfile.ts';
import { copyProblems } from './conformance/flow/forwarding.ts';
import { install, isOffline, keyOf } from './conformance/flow/installs.ts';
import { appOf, ownSpanProblems } from './conformance/flow/own-spans.ts';
import type { Span } from './conformance/flow/spans.ts';
import type { StoredSpan } from './conformance/flow/trace.ts';

const examples = fileURLToPath(new URL('../examples/header-chain/', import.meta.url));
const text = `
# Comment
FROM docker.io/library/python:3.13.9-slim
WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN pip install --requirement requirements.txt
COPY main.py .
ENV A=1 B=x=y
USER 1000
EXPOSE 8080
CMD ["serve", "--bind", "0.0.0.0:8080", "--host", "0.0.0.0", "--port", "8080", "--threads", "80"]
`;

describe('a Dockerfile', () => {
  const dockerfile = readDockerfile(text);

  it('says what to install from what, what to copy and what to run', () => {
    expect(dockerfile).toEqual({
      lists: ['requirements.txt', 'constraints.txt'],
      files: ['requirements.txt', 'constraints.txt', 'main.py'],
      install: ['pip', 'install', '--requirement', 'requirements.txt'],
      env: { A: '1', B: 'x=y' },
      port: '8080',
      command: ['serve', '--bind', '0.0.0.0:8080', '--host', '0.0.0.0', '--port', '8080', '--threads', '80'],
    });
  });

  it('runs on loopback only, at a port that is free', () => {
    const words = ['serve', '--bind', '127.0.0.1:0', '--host', '127.0.0.1', '--port', '0', '--threads', '80'];
    expect(onLoopback(dockerfile)).toEqual(words);
  });

  it.each(['RUN', 'EXPOSE', 'CMD'])('needs one %s', (name) => {
    const line = text.split('\n').find((one) => one.startsWith(name)) ?? '';
    expect(() => readDockerfile(text.replace(line, ''))).toThrow(`a Dockerfile has no ${name}`);
    expect(() => readDockerfile(`${text}${line}\n`)).toThrow(`a Dockerfile has more than one ${name}`);
  });

  it.each(['fastapi', 'flask', 'node-otel'])('of %s copies every file that its app has, and listens nowhere else', (name) => {
    const own = readDockerfile(readFileSync(join(examples, name, 'Dockerfile'), 'utf8'));
    const ignored = ['Dockerfile', '.dockerignore', 'node_modules', '__pycache__', '.venv'];
    expect([...own.files].sort()).toEqual(
      readdirSync(join(examples, name))
        .filter((file) => !ignored.includes(file))
        .sort(),
    );
    expect(own.lists.length).toBeGreaterThan(0);
    expect(['pip', 'npm']).toContain(own.install[0]);
    expect(onLoopback(own).join(' ')).not.toMatch(/0\.0\.0\.0|8080/);
  });
});

describe('the packages of an app', () => {
  const app = (files: Readonly<Record<string, string>>) => {
    const folder = mkdtempSync(join(tmpdir(), 'conformance-app-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return folder;
  };
  const from = { lists: ['list.txt'], install: ['pip', 'install'] };

  it('are kept until their list, their command or the language changes', () => {
    const key = keyOf(app({ 'list.txt': 'a==1' }), from, '3.13.0');
    expect(keyOf(app({ 'list.txt': 'a==1', 'main.py': 'print()' }), from, '3.13.0')).toBe(key);
    expect(keyOf(app({ 'list.txt': 'a==2' }), from, '3.13.0')).not.toBe(key);
    expect(keyOf(app({ 'list.txt': 'a==1' }), from, '3.14.0')).not.toBe(key);
    expect(keyOf(app({ 'list.txt': 'a==1' }), { ...from, install: ['pip', 'install', '-U'] }, '3.13.0')).not.toBe(key);
  });

  it.each([
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('...: [Errno -2] Name or service not known')'",
    'npm error code ENOTFOUND\nnpm error syscall getaddrinfo',
    'npm error code EAI_AGAIN',
    'npm ERR! code ECONNREFUSED',
    'npm error network This is a problem related to network connectivity.',
  ])('are missing without a network: %s', (said) => expect(isOffline(said)).toBe(true));

  it.each([
    'ERROR: No matching distribution found for flask==99',
    'ERROR: Cannot install a and b because these package versions have conflicting dependencies.',
    'npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync',
    'npm error code E404',
    'npm error code EINTEGRITY',
    '',
  ])('are at fault otherwise: %s', (said) => expect(isOffline(said)).toBe(false));

  const dockerfile = { files: [], env: {}, port: '8080', command: [] };
  const lockless = { ...dockerfile, lists: ['package.json'], install: ['npm', 'ci'] };

  it('are missing when the package manager is not on PATH, and nothing is left behind', async () => {
    const path = process.env.PATH;
    onTestFinished(() => {
      process.env.PATH = path;
    });
    const [folder, cache] = [app({ 'package.json': '{}' }), app({})];
    process.env.PATH = '';
    expect(await install(folder, 'mine', lockless, cache)).toEqual({ is: 'missing', reason: 'npm is not on PATH' });
    expect(readdirSync(cache)).toEqual([]);
  });

  it('are at fault when they cannot be installed, and nothing is left behind', async () => {
    const [folder, cache] = [app({ 'package.json': '{"name":"mine","version":"1.0.0"}' }), app({})];
    const found = await install(folder, 'mine', lockless, cache);
    expect(found).toMatchObject({ is: 'faulty', reasons: expect.arrayContaining(['npm ci ended with 1']) });
    expect(readdirSync(cache)).toEqual([]);
    expect(await install(folder, 'mine', { ...lockless, install: ['yarn'] }, cache)).toEqual({
      is: 'faulty',
      reasons: ['RUN yarn: known are pip, npm'],
    });
  });

  it('are installed once', async () => {
    const lock = { name: 'mine', version: '1.0.0', lockfileVersion: 3, packages: { '': { name: 'mine', version: '1.0.0' } } };
    const [folder, cache] = [
      app({ 'package.json': '{"name":"mine","version":"1.0.0"}', 'package-lock.json': JSON.stringify(lock) }),
      app({}),
    ];
    const locked = { ...lockless, lists: ['package.json', 'package-lock.json'] };
    const first = await install(folder, 'mine', locked, cache);
    expect(first).toMatchObject({ is: 'installed', folder: expect.stringContaining(join(cache, 'mine-')) });
    expect(readdirSync(cache)).toHaveLength(1);
    writeFileSync(join(cache, readdirSync(cache)[0] ?? '', 'mark'), '');
    expect(await install(folder, 'mine', locked, cache)).toEqual(first);
    expect(readdirSync(join(cache, readdirSync(cache)[0] ?? ''))).toContain('mark');
  });
});

describe('copied headers', () => {
  const id = { 'x-request-id': 'r' };
  const problems = (
    arrived: readonly Record<string, string>[],
    sent: readonly Record<string, string>[],
    set: Parameters<typeof copyProblems>[1] = 'skywalking',
  ) => {
    const services = arrived.map((_, i) => `s${i}`);
    const byName = (all: readonly Record<string, string>[]) => new Map(all.map((one, i) => [`s${i}`, one]));
    return copyProblems({ services, arrived: byName(arrived), sent: byName(sent) }, set);
  };
  const all = { ...id, sw8: 'x', 'user-agent': 'me' };

  it('are right when they went on as they came', () => {
    expect(problems([all, all, all], [all, all])).toEqual([]);
    // A header that comes sometimes need not come; a client's own user agent is its own matter.
    expect(
      problems(
        [
          { ...id, traceparent: 't' },
          { ...id, traceparent: 't' },
        ],
        [{ ...id, traceparent: 't', 'user-agent': 'x' }],
        'w3c',
      ),
    ).toEqual([]);
  });

  it.each([
    [[all, id], [id], ['s0 got sw8 "x", and sent not at all', 'sw8 did not arrive at s1']],
    [[all, all], [{ ...all, sw8: 'y' }], ['s0 got sw8 "x", and sent "y"']],
    [[all, all], [{ ...all, sw8: '' }], ['s0 got sw8 "x", and sent ""']],
    [[all, all], [{ ...all, 'x-b3-flags': '' }], ['s0 got x-b3-flags not at all, and sent ""']],
    [[all, all], [{ ...all, traceparent: 't' }], ['s0 got traceparent not at all, and sent "t"']],
    [[{ ...all, b3: '' }, all], [{ ...all, b3: '' }], ['s0 got b3 "", and sent ""']],
    [[all, { ...all, sw8: '' }], [all], ['sw8 did not arrive at s1']],
    [[all, all], [], ['s0 called nobody']],
  ])('are told of when not: %#', (arrived, sent, told) => {
    expect(problems(arrived, sent)).toEqual(told);
  });

  it('are told of when a service was never called', () => {
    const walk = { services: ['a', 'b'], arrived: new Map([['a', all]]), sent: new Map([['a', all]]) };
    expect(copyProblems(walk, 'skywalking')).toEqual(['b was never called']);
  });
});

describe('own spans of apps', () => {
  const span = (id: string, service: string, kind: 'client' | 'server', parentId?: string) => ({ id, service, kind, parentId });
  const proxies = [
    span('g', 'gateway.istio', 'client'),
    span('p1', 'a.shop', 'server', 'g'),
    span('p2', 'a.shop', 'client', 'a2'),
    span('p3', 'b.shop', 'server', 'p2'),
  ];
  const apps = [span('a1', 'a', 'server', 'p1'), span('a2', 'a', 'client', 'a1'), span('b1', 'b', 'server', 'p3')];
  const spans: Span[] = proxies.map((one) => ({ ...one, traceId: 't', name: '/', start: 0, end: 1 }));
  const problems = (stored: readonly StoredSpan[], of: readonly Span[] = spans) =>
    ownSpanProblems([...proxies, ...stored], { services: ['a.shop', 'b.shop'], spans: of });
  const changed = (id: string, more: Partial<StoredSpan>) => apps.map((one) => (one.id === id ? { ...one, ...more } : one));

  it('bear the name of their proxy, without its namespace', () => expect(appOf('a.shop')).toBe('a'));

  it('are right between those of their proxies, however many there are', () => {
    expect(problems(apps)).toEqual([]);
    const more = { id: 'a0', service: 'a', kind: 'internal', parentId: 'a1' };
    expect(problems([...changed('a2', { parentId: 'a0' }), more])).toEqual([]);
  });

  const lacking = (app: string) => `no server span of ${app} is a child of the server span of its proxy ${app}.shop`;
  const past = 'the client span of the proxy a.shop is not a child of a client span of a';

  it.each<[string, readonly StoredSpan[], readonly string[]]>([
    ['none', [], [lacking('a'), lacking('b')]],
    ['the last lacks', apps.slice(0, 2), [lacking('b')]],
    ['of another trace', changed('a1', { parentId: undefined }), [lacking('a')]],
    ['beside the proxy', changed('a1', { parentId: 'g' }), [lacking('a')]],
    ['of another app', changed('b1', { service: 'a' }), [lacking('b')]],
    ['no client', changed('a2', { kind: 'server' }), [past]],
    ['client elsewhere', changed('a2', { parentId: 'p1' }), ['the client span of a does not come of its server span']],
    ['a circle', changed('a2', { parentId: 'a2' }), ['the client span of a does not come of its server span']],
  ])('are told of when not: %s', (_, stored, told) => expect(problems(stored)).toEqual(told));

  it('are told of when the proxy went past them', () => {
    expect(
      problems(
        apps,
        spans.map((one) => (one.id === 'p2' ? { ...one, parentId: 'p1' } : one)),
      ),
    ).toEqual([past]);
  });
});
