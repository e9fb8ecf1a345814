// biome-ignore-all lint/suspicious/noTemplateCurlyInString: strings that only look like templates are what is tested
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { isObject, type Json } from '../constructs/kit/json.ts';
import { UserError } from '../constructs/kit/user-error.ts';
import { edgesOf, type Finding, modelOf, prove, proveModel, readWorlds } from '../constructs/proof/index.ts';
import { goodJaeger, goodPages } from './proof-pages-world.ts';
import { goodPath } from './proof-pipelines-world.ts';
import { findingsOf, goodMesh, worldOf } from './proof-world.ts';

vi.setConfig({ testTimeout: 120_000 });
vi.mock('node:fs', async (original) => {
  const actual = await original<{ readdirSync: typeof readdirSync; readFileSync: typeof readFileSync }>();
  return { ...actual, readdirSync: vi.fn(actual.readdirSync), readFileSync: vi.fn(actual.readFileSync) };
});

const folders: string[] = [];
afterEach(() => {
  vi.mocked(readdirSync).mockReset();
  vi.mocked(readFileSync).mockReset();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'bad-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** What the command line says, as its own process. */
function check(paths: readonly string[], input = '') {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [inject('cli'), 'check', ...paths], {
    cwd: root,
    input,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '' },
  });
  return { status, stdout, stderr };
}

const service = (spec: string, name = 'web') =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;
/** A Service with a misspelt field in its fourth line. */
const misspelt = service('{port: [{port: 80}]}');
const config = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: ${data}\n`;
const found = (findings: readonly Finding[]) => findings.map(({ code, line }) => [code, line]);

describe('bytes', () => {
  const latin1 = Buffer.from(misspelt.replace('web', 'caf\u00e9'), 'latin1');
  const utf16 = Buffer.from(`\ufeff${misspelt}`, 'utf16le');
  it.each<[string, Buffer, number, RegExp]>([
    ['Latin-1', latin1, 3, /is not UTF-8: save the file as UTF-8$/],
    ['UTF-16', utf16, 1, /is UTF-16: save it as UTF-8$/],
    ['UTF-16, the other way round', Buffer.from(utf16).swap16(), 1, /is UTF-16: save it as UTF-8$/],
    ['UTF-16 without a mark', utf16.subarray(2), 1, /U\+0000, which YAML does not allow: .*UTF-8/],
    ['a NUL byte', Buffer.from(misspelt.replace('web', 'we\0b')), 3, /control character U\+0000/],
    ['a bell', Buffer.from(misspelt.replace('ports', 'ports').replace('80', '\u0007')), 4, /control character U\+0007/],
    ['a compressed file', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0xff]), 1, /is not UTF-8/],
  ])('%s is refused with file, line and what to do', (_, bytes, line, message) => {
    const file = join(folderOf({ 'a.yaml': bytes }), 'a.yaml');
    expect(() => readWorlds([file])).toThrow(UserError);
    expect(() => readWorlds([file])).toThrow(message);
    expect(() => readWorlds([file])).toThrow(`${file}:${line}: `);
  });

  it.each([
    ['a byte order mark of UTF-8', `\ufeff${misspelt}`],
    ['line ends of Windows', misspelt.replaceAll('\n', '\r\n')],
    ['letters of all alphabets', misspelt.replace('namespace', 'annotations: {who: "Ägypten \u{1f600} \u2028"}, namespace')],
    ['JSON', '{"apiVersion": "v1", "kind": "Service",\n"metadata": {"name": "web"},\n"spec":\n {"port": 80}}'],
  ])('%s is fine', (_, text) => {
    expect(found(findingsOf(text))).toEqual([['OBJ002', 4]]);
  });

  it('of more than 100 MB are refused, unread by the parser', () => {
    const file = join(folderOf({ 'a.yaml': Buffer.alloc(100_000_001, 'a') }), 'a.yaml');
    expect(() => readWorlds([file])).toThrow('has 101 MB, at most 100 MB can be read at once: split it into several files');
  });
});

describe('the shape of YAML', () => {
  it.each([
    ['nothing', ''],
    ['blanks', ' \n\n'],
    ['a comment', '# only words\n'],
    ['an empty document', '---\n'],
    ['empty documents', '---\n---\n...\n---\n# none\n'],
    ['a word', 'hello\n'],
    ['a list', '- a\n- b\n'],
    ['a list of objects in JSON', '[{"apiVersion": "v1", "kind": "Service"}]'],
    ['values of a chart', 'replicas: 1\nimage: {tag: latest}\n'],
    ['a kind that is a number', 'apiVersion: v1\nkind: 2\n'],
    ['an empty List', 'apiVersion: v1\nkind: List\nitems: []\n'],
    ['a List of nothing', 'apiVersion: v1\nkind: List\nitems:\n'],
    ['a List of what are no objects', 'apiVersion: v1\nkind: List\nitems: [3, null, a, [b], {}]\n'],
  ])('%s: there is nothing to check', (_, text) => {
    expect(() => worldOf(text)).toThrow(UserError);
    expect(() => worldOf(text)).toThrow(/^nothing to check in -: no Kubernetes object found/);
  });

  it.each<[string, string, number, string]>([
    ['a key stated twice', service('{a: 1, a: 2}'), 4, 'map keys must be unique, "a" is there twice: keep one of the two'],
    ['a key stated twice, once as a text', service('{"1": a, 1: b}'), 4, '"1" is there twice: keep one of the two'],
    ['a tab', 'spec:\n\tports: []\n', 2, 'tabs are not allowed as indentation: indent with spaces'],
    ['an open bracket', `${misspelt}---\na: [\n`, 7, 'flow sequence in block collection must'],
    ['an open quote', service('"a'), 5, 'missing closing "quote: add what is missing'],
    ['an open map of JSON', '{"kind":\n"List"', 2, 'flow map must end with a }: add what is missing'],
    ['JSON objects one under another', '{"kind": "A"}\n{"kind": "B"}\n', 2, 'unexpected flow-map-start'],
    ['an alias of nothing', service('*a'), 4, 'no anchor &a stands before the alias *a: add it, or correct the name'],
    ['an alias of what comes later', config('{a: *b, b: &b c}'), 4, 'no anchor &b stands before the alias *b'],
    ['an alias of another document', `${config('&a {}')}---\n${config('*a')}`, 9, 'no anchor &a'],
    ['an alias in its own anchor', config('&a\n  b: *a'), 5, 'the alias *a stands inside of its own anchor'],
    ['a merge of a text', config('\n  <<: b'), 5, 'what is merged with << must be a map: give it an alias of a map'],
    ['a merge of an alias of a text', config('{a: &a b, c: {<<: *a}}'), 4, 'what is merged with << must be a map'],
    ['lists in lists', config(`${'['.repeat(600)}${']'.repeat(600)}`), 4, 'more than 500 levels of maps and lists'],
    ['lists in lists for ever', config(`\n  ${'['.repeat(100_000)}`), 5, 'more than 500 levels of maps and lists'],
    ['maps in maps', config(`${'{a: '.repeat(600)}b${'}'.repeat(600)}`), 4, 'no kind has such fields: remove them'],
    ['dashes for ever', config(`\n  ${'- '.repeat(5000)}a`), 5, 'more than 500 levels'],
    ['JSON without end', `{"kind": ${'['.repeat(50_000)}`, 1, 'more than 500 levels'],
  ])('%s is refused with line and what to do', (_, text, line, message) => {
    expect(() => worldOf(text)).toThrow(UserError);
    expect(() => worldOf(text)).toThrow(`<stdin>:${line}: not readable as YAML: `);
    expect(() => worldOf(text)).toThrow(message);
  });

  it('as deep as a CRD is fine', () => {
    const deep = (levels: number): Json => (levels === 0 ? 'x' : { properties: deep(levels - 1) });
    expect(findingsOf(config(JSON.stringify({ a: JSON.stringify(deep(300)) })))).toEqual([]);
    expect(found(findingsOf(config(JSON.stringify({ a: deep(300) }))))).toEqual([['OBJ004', 4]]);
  });

  it('anchors, aliases and merges are read, as often as they are used', () => {
    const used = Array.from({ length: 500 }, (_, i) => `  k${i}: *text\n`).join('');
    expect(findingsOf(config(`\n  a: &text b\n${used}`))).toEqual([]);
    const merged = `common: &common\n  ports: [{port: 80}]\nlater: &later {port: 80}\nkind: Service\napiVersion: v1\nmetadata: {name: web}\nspec:\n  <<: [*common, *later]\n  type: ClusterIP\n`;
    expect(findingsOf(merged).map((one) => one.message)).toEqual([
      'unknown field common',
      'unknown field later',
      'unknown field spec.port',
    ]);
    expect(findingsOf(merged).every((one) => one.line !== undefined)).toBe(true);
  });

  it('lines are right behind many documents, directives and end marks', () => {
    expect(found(findingsOf(`${'---\n# none\n'.repeat(10)}---\n${misspelt}`))).toEqual([['OBJ002', 25]]);
    expect(found(findingsOf(`%YAML 1.1\n---\n${misspelt}...\n---\n${misspelt.replace('web', 'two')}`))).toEqual([
      ['OBJ002', 12],
      ['OBJ002', 6],
    ]);
    expect(found(findingsOf(`${config('{a: "x\n\n  ---  y"}')}--- # next\n${misspelt}`))).toEqual([['OBJ002', 11]]);
    expect(findingsOf(config('{a: "x\u2028--- y"}'))).toEqual([]);
  });

  it.each([
    [
      'a List in a List',
      `apiVersion: v1\nkind: List\nitems:\n- kind: List\n  apiVersion: v1\n  items:\n  - ${misspelt.replaceAll('\n', '\n    ')}`,
      10,
    ],
    [
      'a List with what are no objects',
      `apiVersion: v1\nkind: List\nitems:\n- 3\n- {}\n- null\n- ${misspelt.replaceAll('\n', '\n  ')}`,
      10,
    ],
  ])('%s is read', (_, text, line) => {
    expect(found(findingsOf(text))).toEqual([['OBJ002', line]]);
  });

  it('what is no object in a List is said', () => {
    expect(worldOf(`apiVersion: v1\nkind: List\nitems:\n- 3\n- ${misspelt.replaceAll('\n', '\n  ')}`).notes).toEqual([
      'passed over documents without kind and apiVersion: <stdin>',
    ]);
  });

  it('kinds and groups that nobody here knows are quiet, kinds that a known group has not are told', () => {
    const object = (apiVersion: string, kind: string) =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {x: [y]}\n`;
    expect(findingsOf(object('example.test/v1', 'Thing'))).toEqual([]);
    expect(findingsOf(object('__proto__/v1', 'constructor'))).toEqual([]);
    expect(findingsOf(object('v1', 'toString'))).toMatchObject([{ code: 'OBJ009', line: 2 }]);
    expect(findingsOf('kind: Service\napiVersion: v1\n')).toMatchObject([{ code: 'OBJ003', line: 1, hint: 'add it' }]);
    expect(findingsOf('kind: Service\napiVersion: v1\nmetadata:\nspec:\n')).toMatchObject([{ code: 'OBJ003', line: 3 }]);
  });

  it('keys of JavaScript are keys like others', () => {
    const findings = findingsOf(service('{__proto__: {a: b}, constructor: {length: 1}, ports: [{port: 80, hasOwnProperty: 1}]}'));
    expect(findings.map((one) => one.message)).toEqual([
      'unknown field spec.__proto__',
      'unknown field spec.constructor',
      'unknown field spec.ports[0].hasOwnProperty',
    ]);
  });

  it('names and keys of a megabyte are told by their beginnings', () => {
    const long = 'x'.repeat(1_000_000);
    for (const text of [
      misspelt.replace('web', long),
      misspelt.replace('{port', `{${long}`),
      service('{}', long) + service('{}', long),
    ]) {
      const findings = findingsOf(text.includes('---') ? text : text.replace('\napiVersion', '\n---\napiVersion'));
      expect(findings.length).toBeGreaterThan(0);
      expect(JSON.stringify(findings).length).toBeLessThan(20_000);
    }
  });
});

describe('floods', () => {
  const letters = [...'abcdefghijkl'];
  const bomb = (first: string, level: (before: string) => string) =>
    letters.map((letter, i) => `  ${letter}: &${letter} ${i === 0 ? first : level(`*${letters[i - 1]}`)}\n`).join('');
  it.each([
    ['aliases of aliases', bomb('[x, x]', (one) => `[${Array(9).fill(one).join()}]`)],
    ['aliases of aliases in maps', bomb('{x: y}', (one) => `{${[...'abcdefghi'].map((key) => `${key}: ${one}`).join()}}`)],
    ['merges of merges', bomb('{x: y}', (one) => `{<<: [${Array(9).fill(one).join()}]}`)],
    [
      'one large alias, used often',
      `  a: &a [${'x, '.repeat(5000)}]\n${Array.from({ length: 1000 }, (_, i) => `  k${i}: *a\n`).join('')}`,
    ],
    ['a hundred thousand aliases', `  a: &a x\n${Array.from({ length: 100_000 }, (_, i) => `  k${i}: *a\n`).join('')}`],
  ])('of %s are refused at once', (_, data) => {
    expect(() => worldOf(config(`\n${data}`))).toThrow(/^<stdin>:\d+: not readable as YAML: .*alias.*: write out what is meant$/);
    // In a ConfigMap it is a finding.
    const inner = `receivers: {otlp: {}}\nexporters: {debug: {}}\nrest:\n${data}`;
    expect(findingsOf(config(JSON.stringify({ 'a.yaml': inner })))).toMatchObject([
      { code: 'OBJ011', hint: 'in the text under this key: write out what is meant' },
    ]);
  });

  it.each([
    ['brackets', '}{'.repeat(1_000_000)],
    ['commas', `[${','.repeat(2_000_000)}`],
    ['texts', '"a" '.repeat(500_000)],
    ['escapes', `"${'\\q'.repeat(1_000_000)}"`],
    ['end marks', 'a\n...\n'.repeat(200_000)],
  ])('of %s end at the first error', (_, text) => {
    expect(() => worldOf(text)).toThrow(/^<stdin>:\d+: not readable as YAML: /);
  });

  it('of words in one document are refused before they fill the memory', () => {
    expect(() => worldOf(`kind: List\nitems: [${'a,'.repeat(4_500_000)}]`)).toThrow(
      /more than 8000000 words and signs in one document: split it into several documents and files/,
    );
  });

  it('of 10,000 documents, and of 10,000 keys that are wrong, are checked', () => {
    const documents = Array.from({ length: 10_000 }, (_, i) => service('{port: 80}', `web-${i}`)).join('---\n');
    const findings = findingsOf(documents);
    expect(findings).toHaveLength(10_000);
    expect(findings.every(({ line }) => line !== undefined && line % 5 === 4)).toBe(true);
    const keys = Array.from({ length: 10_000 }, (_, i) => `  key${i}: 1\n`).join('');
    expect(findingsOf(service(`\n${keys}`))).toHaveLength(10_000);
  });

  it('of one name tell the first places', () => {
    const text = Array.from({ length: 3000 }, (_, i) => service(`{ports: [{port: ${i + 1}}]}`)).join('---\n');
    expect(findingsOf(text)).toMatchObject([{ code: 'OBJ001', line: 8 }]);
  });

  it('a file of 50 MB in many documents is checked by the command line', () => {
    const filler = '#'.repeat(200);
    const part = `${service('{ports: [{port: 80}]}', 'NAME')}# ${Array(20).fill(filler).join('\n# ')}\n---\n`;
    const parts = Math.ceil(50_000_000 / part.length);
    const text = Array.from({ length: parts }, (_, i) => part.replace('NAME', `web-${i}`)).join('');
    const folder = folderOf({ 'big.yaml': text + misspelt });
    const { status, stdout, stderr } = check([join(folder, 'big.yaml')]);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain(`OBJ002 Service/shop/web line ${text.split('\n').length + 3}`);
    expect(stdout).toContain(`1 error in ${parts + 1} objects`);
  });
});

describe('files and folders', () => {
  it('links that lead in circles are not followed, links to nothing are told', () => {
    const folder = folderOf({ 'a/web.yaml': misspelt });
    symlinkSync(folder, join(folder, 'a/up'));
    symlinkSync('self', join(folder, 'self'));
    expect(readWorlds([folder]).flatMap(prove)).toMatchObject([{ code: 'OBJ002', file: join(folder, 'a/web.yaml') }]);
    symlinkSync('self.yaml', join(folder, 'self.yaml'));
    expect(() => readWorlds([folder])).toThrow(UserError);
    expect(() => readWorlds([folder])).toThrow(`cannot read ${join(folder, 'self.yaml')}: ELOOP`);
    expect(() => readWorlds([join(folder, 'self.yaml')])).toThrow('no such path');
  });

  it('a link to a file is read, a folder called like a file is a folder, a pipe is left alone', () => {
    const folder = folderOf({ 'real/web.txt': misspelt, 'x.yaml/two.yaml': misspelt.replace('web', 'two') });
    symlinkSync(join(folder, 'real/web.txt'), join(folder, 'web.yaml'));
    spawnSync('mkfifo', [join(folder, 'pipe.yaml')]);
    expect(existsSync(join(folder, 'pipe.yaml'))).toBe(true);
    expect(
      readWorlds([folder])
        .flatMap((world) => world.objects.map((object) => object.id))
        .sort(),
    ).toEqual(['Service/shop/two', 'Service/shop/web']);
  });

  it.each([
    ['a folder', readdirSync],
    ['a file', readFileSync],
  ])('%s that cannot be read is told', (_, call) => {
    const folder = folderOf({ 'web.yaml': misspelt });
    vi.mocked<(...all: never[]) => unknown>(call).mockImplementation(() => {
      throw new Error('EACCES: permission denied');
    });
    expect(() => readWorlds([folder])).toThrow(UserError);
    expect(() => readWorlds([folder])).toThrow(/^cannot read .*bad-.*: EACCES: permission denied$/);
  });

  it('patches, chart values and templates beside an object are passed over, and said', () => {
    const folder = folderOf({
      'kustomization.yaml':
        'resources: [web.yaml, 3, {a: b}]\npatches: [{path: patch.yaml}, 3, null]\npatchesStrategicMerge: [[a]]\n',
      'patch.yaml': 'kind: [not, an, object]\n',
      'values.yaml': 'a: 1\n',
      'template.yaml': 'kind: Service\nmetadata:\n  name: {{ .Values.name }}\n',
      'web.yaml': misspelt,
    });
    const { status, stdout, stderr } = check([folder]);
    expect(status).toBe(1);
    expect(stdout).toContain('1 error in 1 object');
    expect(stderr).toMatch(
      /passed over kustomizations and their patches: .*\n.*Helm templates: .*\n.*without kind.*values\.yaml/,
    );
  });

  it('the command line ends with one line and status 2 on what it cannot read', () => {
    const folder = folderOf({ 'a.yaml': Buffer.from([0xff, 0xfe, 0x61, 0]) });
    expect(check([join(folder, 'a.yaml')])).toEqual({
      status: 2,
      stdout: '',
      stderr: `meshwright: ${join(folder, 'a.yaml')}:1: is UTF-16: save it as UTF-8\n`,
    });
    expect(check(['-'], `kind: ${'['.repeat(100_000)}`)).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'meshwright: <stdin>:1: not readable as YAML: more than 500 levels of maps and lists: no kind has such fields: remove them\n',
    });
  });
});

describe('collector configurations', () => {
  const good = {
    receivers: { otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' } } } },
    processors: { batch: {} },
    exporters: { debug: {} },
    extensions: { health_check: {} },
    service: {
      extensions: ['health_check'],
      pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['debug'] } },
    },
  };
  const resource = (version: string, config: unknown) =>
    stringify({
      apiVersion: `opentelemetry.io/${version}`,
      kind: 'OpenTelemetryCollector',
      metadata: { name: 'main', namespace: 'watch' },
      spec: { image: 'otel/opentelemetry-collector:0.159.0', config },
    });
  const forms: readonly (readonly [string, (config: unknown) => string])[] = [
    [
      'of a ConfigMap',
      (one) =>
        stringify({
          ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'main', namespace: 'watch' } },
          data: { 'collector.yaml': stringify(one) },
        }),
    ],
    ['of a resource', (one) => resource('v1beta1', one)],
    ['of an old resource, a text', (one) => resource('v1alpha1', stringify(one))],
  ];
  const at = (text: string, part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1;

  it.each(forms)('%s: an absent exporter, an unknown component and a circle are told with their lines', (_, make) => {
    const pipelines = good.service.pipelines;
    const absent = make({ ...good, service: { pipelines: { traces: { ...pipelines.traces, exporters: ['debug', 'jaegr'] } } } });
    const errors = findingsOf(absent).filter((one) => one.severity === 'error');
    expect(errors).toMatchObject([{ code: 'TRC017', line: at(absent, 'jaegr') }]);
    const unknown = make({ ...good, receivers: { ...good.receivers, otpl: {} } });
    const findings = findingsOf(unknown).filter((one) => one.code !== 'TRC018');
    expect(findings).toMatchObject([{ code: 'TRC023', line: at(unknown, 'otpl'), hint: expect.stringContaining('otlp') }]);
    const circle = make({
      ...good,
      connectors: { 'forward/round': {} },
      service: {
        extensions: ['health_check'],
        pipelines: {
          traces: { receivers: ['otlp', 'forward/round'], processors: ['batch'], exporters: ['debug', 'forward/round'] },
        },
      },
    });
    expect(findingsOf(circle)).toMatchObject([
      { code: 'TRC021', line: expect.any(Number), hint: expect.stringContaining('take') },
    ]);
  });

  it.each(forms)('%s: nothing of the wrong shape crashes, and something is always told', (_, make) => {
    const quiet: string[] = [];
    for (const junk of [null, [], 'x', 7, true]) {
      for (const wrong of [
        junk,
        { ...good, receivers: junk },
        { ...good, exporters: junk },
        { ...good, service: junk },
        { ...good, service: { pipelines: junk } },
        { ...good, service: { pipelines: { traces: junk } } },
        { ...good, service: { pipelines: { traces: { ...good.service.pipelines.traces, receivers: junk } } } },
      ]) {
        const findings = findingsOf(make(wrong));
        expect(findings.every(({ file, line }) => file !== null && line !== undefined)).toBe(true);
        if (!findings.some((one) => one.severity === 'error')) quiet.push(JSON.stringify(wrong));
      }
    }
    // A ConfigMap that holds nothing like a configuration may be anything.
    const fromConfigMap = make === forms[0]?.[1];
    expect(quiet.filter((one) => !fromConfigMap || one.includes('pipelines')).filter((one) => one.length > 5)).toEqual([]);
  });

  it('collectors that send to themselves and to each other end the search, and are told', () => {
    const collector = (name: string, to: readonly string[]) =>
      stringify({
        apiVersion: 'opentelemetry.io/v1beta1',
        kind: 'OpenTelemetryCollector',
        metadata: { name, namespace: 'watch' },
        spec: {
          config: {
            receivers: { otlp: { protocols: { grpc: { endpoint: '0.0.0.0:4317' } } } },
            exporters: Object.fromEntries(
              to.map((one) => [`otlp_grpc/${one}`, { endpoint: `${one}-collector:4317`, tls: { insecure: true } }]),
            ),
            service: { pipelines: { traces: { receivers: ['otlp'], exporters: to.map((one) => `otlp_grpc/${one}`) } } },
          },
        },
      });
    const mesh = `kind: IstioOperator\napiVersion: install.istio.io/v1alpha1\nmetadata: {name: mesh}\nspec: {meshConfig: {defaultProviders: {metrics: [prometheus], tracing: [otel]}, extensionProviders: [{name: otel, opentelemetry: {service: c0-collector.watch.svc.cluster.local, port: 4317}}]}}\n`;
    const all = (names: readonly string[]) => [mesh, ...names.map((name) => collector(name, names))].join('---\n');
    expect(findingsOf(all(['c0'])).filter((one) => one.code === 'TRC030')).toMatchObject([
      { severity: 'error', line: expect.any(Number), message: expect.stringContaining('its own collector') },
    ]);
    const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const findings = findingsOf(all(names)).filter((one) => one.code === 'TRC030');
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.length).toBeLessThanOrEqual(100);
  });

  it('a net of pipelines in which everything feeds everything is told', () => {
    const names = Array.from({ length: 60 }, (_, i) => `forward/${i}`);
    const net = {
      ...good,
      connectors: Object.fromEntries(names.map((name) => [name, {}])),
      service: {
        pipelines: Object.fromEntries(
          names.map((_, i) => [`traces/${i}`, { receivers: ['otlp', ...names], exporters: ['debug', ...names] }]),
        ),
      },
    };
    const findings = findingsOf(resource('v1beta1', net)).filter((one) => one.code === 'TRC021');
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.length).toBeLessThanOrEqual(100);
  });
});

describe('any node of a good world', () => {
  const nest = (levels: number): Json => (levels === 0 ? 'x' : levels % 2 === 0 ? [nest(levels - 1)] : { a: nest(levels - 1) });
  const hostile: Json = JSON.parse(
    '{"__proto__": {"a": 1}, "constructor": {"length": 1}, "toString": null, "hasOwnProperty": []}',
  );
  const junk: readonly Json[] = [
    ...[null, [], {}, '', 0, -1.5, 1e30, true, 'x', [null], { a: null }, ['x'], [[]], { length: 1 }, nest(100), hostile],
    ...['x'.repeat(20_000), '${env:X}', '{{', '::', 'a/b/c', '*', '(', '--- a', '\u2028', 'constructor', '__proto__', 'toString'],
  ];
  const keys = ['constructor', '__proto__', 'toString', '', '0', 'a/b', '{{', 'x'.repeat(5000)];

  /** A place in a document: in a text that holds YAML, `inner` is a place in that. */
  type Place = readonly (string | number | { readonly inner: Place } | { readonly key: string })[];
  function* placesIn(value: unknown, above: Place = []): Generator<Place> {
    yield above;
    if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* placesIn(item, [...above, i]);
    else if (isObject(value)) {
      for (const key of Object.keys(value)) {
        yield [...above, { key }];
        yield* placesIn(value[key], [...above, key]);
      }
    } else if (typeof value === 'string' && value.includes('\n')) {
      const inner: unknown = parse(value);
      if (isObject(inner)) for (const place of placesIn(inner)) yield [...above, { inner: place }];
    }
  }
  function replacedAt(value: unknown, place: Place, by: unknown, key: string): unknown {
    const [step, ...rest] = place;
    if (step === undefined) return by;
    if (typeof step === 'number')
      return Array.isArray(value) ? value.map((item, i) => (i === step ? replacedAt(item, rest, by, key) : item)) : value;
    if (typeof step === 'object' && 'inner' in step) return stringify(replacedAt(parse(String(value)), step.inner, by, key));
    const name = typeof step === 'string' ? step : step.key;
    return Object.fromEntries(
      Object.entries(isObject(value) ? value : {}).map(([each, inner]) => {
        if (each !== name) return [each, inner];
        return typeof step === 'string' ? [each, replacedAt(inner, rest, by, key)] : [key, inner];
      }),
    );
  }

  const worlds = [goodMesh, goodPath, goodPages, goodJaeger].map((text) => {
    const documents = parseAllDocuments(text, { version: '1.1' })
      .map((document): unknown => document.toJS())
      .filter(isObject);
    return { documents, texts: documents.map((one) => stringify(one)) };
  });
  const spots = worlds.flatMap(({ documents }, world) =>
    documents.flatMap((document, index) => [...placesIn(document)].map((place) => ({ world, index, place }))),
  );

  it('may be anything: there is never a crash, and always file and line', () => {
    const change = fc.record({ spot: fc.constantFrom(...spots), by: fc.constantFrom(...junk), key: fc.constantFrom(...keys) });
    fc.assert(
      fc.property(change, fc.constantFrom('lab' as const, 'production' as const), ({ spot, by, key }, purpose) => {
        const { documents = [], texts = [] } = worlds[spot.world] ?? {};
        const changed = stringify(replacedAt(documents[spot.index], spot.place, by, key));
        const text = texts.map((one, i) => (i === spot.index ? changed : one)).join('---\n');
        let read: ReturnType<typeof readWorlds>;
        try {
          read = readWorlds(['-'], { stdin: () => text, purpose });
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          expect(String(error)).toMatch(/<stdin>:\d+: /);
          return;
        }
        for (const world of read) {
          const model = modelOf(world);
          edgesOf(model);
          for (const { file, line, message, hint, code } of proveModel(model)) {
            expect({ code, file, line: typeof line }).toEqual({ code, file: '<stdin>', line: 'number' });
            expect(`${message} ${hint}`).not.toMatch(/\bundefined\b|\[object |\bNaN\b/);
          }
        }
      }),
      { numRuns: 400 },
    );
  });
});
