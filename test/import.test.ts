import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { fromRe2 } from '../tools/import/re2.ts';
import { runImport } from '../tools/import/run.ts';

// Beside node_modules, because the validators look for ajv from where they lie. Ignored by git.
const root = join(import.meta.dirname, '..', `.import-test-${process.pid}.meshwright`);
mkdirSync(root, { recursive: true });
const [from, out, kinds, config] = ['from', 'out', 'kinds.yaml', 'cdk8s.yaml'].map((name) => join(root, name)) as [
  string,
  string,
  string,
  string,
];
const quiet = () => {};
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

const size = { type: 'integer', format: 'int32', minimum: 1, description: 'how many' };
const spec = {
  type: 'object',
  description: 'what is wanted',
  required: ['mode', 'size'],
  properties: {
    action: { type: 'string', pattern: '^(?i)(abort|warn)?$' },
    any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    color: { type: 'string', enum: ['red', 'green'], nullable: true },
    description: { type: 'string', description: 'a property of that name', maxLength: 5 },
    exact: { type: 'string' },
    mode: { type: 'string', default: 'plain', enum: ['plain', 'fancy'] },
    parts: {
      type: 'array',
      minItems: 1,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'protocol'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, protocol: { type: 'string', default: 'TCP' }, size },
      },
    },
    port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    prefix: { type: 'string' },
    size,
    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  },
  oneOf: [
    { not: { anyOf: [{ required: ['exact'] }, { required: ['prefix'] }] } },
    { required: ['exact'] },
    { required: ['prefix'] },
  ],
};

function crd(kind: string, group = 'demo.example.com') {
  const plural = `${kind.toLowerCase()}s`;
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status: { type: 'object' } }, required: ['spec'] } };
  const version = (name: string) => ({ name, served: true, schema, storage: name === 'v1' });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: { group, names: { kind, plural }, scope: 'Namespaced', versions: [version('v1beta1'), version('v1')] },
  };
}

const meta = '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const openApi = {
  swagger: '2.0',
  definitions: {
    'io.k8s.api.core.v1.Box': {
      type: 'object',
      description: 'a box',
      'x-kubernetes-group-version-kind': [{ group: '', kind: 'Box', version: 'v1' }],
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { $ref: meta },
        limits: { type: 'object', additionalProperties: { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' } },
        protocol: { type: 'string', enum: ['TCP', 'UDP'] },
      },
    },
    'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: 'string' },
    'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': { type: 'object', properties: { name: { type: 'string' } } },
  },
};

const text = (...objects: object[]) =>
  objects.map((object) => `---\n${stringify(object, { aliasDuplicateObjects: false })}`).join('');

/** Writes a folder of sources and gives its path. */
function sources(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

const good = { 'a.yaml': text(crd('Widget')), 'b.yaml': text(crd('Gadget')), 'c.json': JSON.stringify(openApi) };

/** Every file below a folder with its content. */
function tree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((file) => [
      join(file.parentPath, file.name).slice(folder.length),
      readFileSync(join(file.parentPath, file.name), 'utf8'),
    ]),
  );
}

/** Serves files on loopback while `use` runs. */
async function served(files: Readonly<Record<string, string>>, use: (base: string) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    const content = files[basename(request.url ?? '')];
    response.writeHead(content === undefined ? 404 : 200);
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

const writeConfig = (...imports: string[]) =>
  writeFileSync(config, stringify({ language: 'typescript', app: 'npx tsx main.ts', output: '.cdk8s', imports }));

/** The command itself. With `until`, it is killed when it says so. */
async function command(args: readonly string[], until?: RegExp) {
  const main = join(import.meta.dirname, '..', 'tools', 'import', 'main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--kinds', kinds, '--out', out, ...args]);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    if (until?.test(stderr)) child.kill('SIGKILL');
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stderr };
}

beforeAll(async () => {
  writeFileSync(
    kinds,
    stringify({
      customResources: { 'demo.example.com': { Widget: ['v1', 'v1beta1'], Gadget: ['v1'] } },
      kubernetes: { v1: ['Box'] },
    }),
  );
  sources('from', good);
  const { status, stderr } = await command(['--from', from]);
  if (status !== 0) throw new Error(stderr);
  progress = stderr;
}, 60_000);
let progress = '';

describe('a run from a folder', () => {
  it('writes bindings, schemas and validators, and says a line per file', () => {
    expect(Object.keys(tree(out)).sort()).toEqual([
      '/README.md',
      '/demo.example.com.ts',
      '/schemas/demo.example.com.json',
      '/schemas/kubernetes.json',
      '/validators/demo.example.com.cjs',
      '/validators/index.json',
      '/validators/kubernetes.cjs',
      '/validators/unique-by.cjs',
    ]);
    for (const said of ['a.yaml', 'b.yaml', 'c.json', 'bindings demo.example.com.ts', 'validators kubernetes.cjs']) {
      expect(progress).toContain(said);
    }
  });

  it('takes the wanted version only, under the plain class name', () => {
    const bindings = readFileSync(join(out, 'demo.example.com.ts'), 'utf8');
    expect(bindings).toContain("apiVersion: 'demo.example.com/v1'");
    expect(bindings).not.toContain('v1beta1');
    expect(bindings.match(/^export class \w+ extends/gm)).toEqual(['export class Gadget extends', 'export class Widget extends']);
  });

  it('drops prose, keeps a property named description, and leaves no trace of the machine', () => {
    const all = Object.values(tree(out)).join('\n');
    expect(all).not.toContain('how many');
    expect(all).not.toContain('a property of that name');
    expect(readFileSync(join(out, 'demo.example.com.ts'), 'utf8')).toContain('readonly description?: string');
    expect(all).not.toContain(root);
  });

  it('says which validator checks which kind, versions of the same schema included', () => {
    expect(JSON.parse(readFileSync(join(out, 'validators/index.json'), 'utf8'))).toEqual({
      'demo.example.com/v1': { Gadget: ['demo.example.com', 'Gadget'], Widget: ['demo.example.com', 'Widget'] },
      'demo.example.com/v1beta1': { Widget: ['demo.example.com', 'Widget'] },
      v1: { Box: ['kubernetes', 'core.v1.Box'] },
    });
  });
});

describe('the generated validators', () => {
  const check = (module: string, name: string, object: object): string[] => {
    const validator = createRequire(import.meta.url)(join(out, 'validators', `${module}.cjs`))[name];
    if (validator(object)) return [];
    return validator.errors.map((error: { keyword: string; instancePath: string }) => `${error.instancePath} ${error.keyword}`);
  };
  const widget = (fields: object) =>
    check('demo.example.com', 'Widget', {
      apiVersion: 'demo.example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', labels: { a: 'b' }, creationTimestamp: null },
      spec: { size: 3, ...fields },
      status: { anything: true },
    });

  it.each([
    ['a field with a default left out, or null', { mode: null }],
    ['a pattern that ignores case', { action: 'ABORT' }],
    ['int or string, as integer', { port: 80 }],
    ['int or string, as string', { port: 'http' }],
    ['unknown fields where they are preserved', { any: { thing: { goes: [1] } } }],
    ['null where it is nullable', { color: null }],
    ['list items that differ in one key', { parts: [{ name: 'a' }, { name: 'a', protocol: 'UDP' }] }],
    ['one of two exclusive fields', { exact: 'x' }],
  ])('accept %s', (_, fields) => expect(widget(fields)).toEqual([]));

  it.each([
    ['an unknown field', { sise: 1 }, '/spec additionalProperties'],
    ['an unknown field further down', { parts: [{ name: 'a', x: 1 }] }, '/spec/parts/0 additionalProperties'],
    ['a missing field', { size: undefined }, '/spec required'],
    ['a wrong type', { size: '3' }, '/spec/size type'],
    ['null where it is not nullable', { exact: null }, '/spec/exact type'],
    ['a value outside an enum', { color: 'blue' }, '/spec/color enum'],
    ['a number below its bound', { size: 0 }, '/spec/size minimum'],
    ['a number that 32 bits do not hold', { size: 2 ** 31 }, '/spec/size maximum'],
    ['a text that does not match', { action: 'stop' }, '/spec/action pattern'],
    ['a text that is too long', { description: 'too long' }, '/spec/description maxLength'],
    ['a list that is too short', { parts: [] }, '/spec/parts minItems'],
    [
      'list items with equal keys, defaults counted',
      { parts: [{ name: 'a' }, { name: 'a', protocol: 'TCP' }] },
      '/spec/parts uniqueBy',
    ],
    ['an item twice in a set', { tags: ['a', 'a'] }, '/spec/tags uniqueItems'],
    ['neither int nor string', { port: true }, '/spec/port type'],
    ['two exclusive fields', { exact: 'x', prefix: 'y' }, '/spec oneOf'],
  ])('refuse %s', (_, fields, error) => expect(widget(fields)).toContain(error));

  it('check the kinds of Kubernetes as its API server reads them', () => {
    const box = (fields: object) => check('kubernetes', 'core_v1_Box', { apiVersion: 'v1', kind: 'Box', ...fields });
    expect(box({ protocol: null, limits: { cpu: 1, memory: '1.5Gi', storage: '1e3' }, metadata: { name: 'a.b' } })).toEqual([]);
    expect(box({ protocol: 'SCTP' })).toEqual(['/protocol enum']);
    expect(box({ limits: { memory: '200mb' } })).toEqual(['/limits/memory pattern']);
    expect(box({ metadata: { name: 'A_b' } })).toEqual(['/metadata/name pattern']);
    expect(box({ metadata: { labels: { a: 1 } } })).toEqual(['/metadata/labels/a type']);
    expect(box({ spec: {} })).toEqual([' additionalProperties']);
  });
});

describe('again', () => {
  it('changes no byte from a web server, after a run that was killed, in another order, with further files', async () => {
    const before = tree(out);
    const killed = await command(['--from', from], /bindings/);
    expect(killed.status).not.toBe(0);
    expect(tree(out)).toEqual(before);

    // As a kill between the two renames of the swap leaves it.
    const left = join(dirname(out), `.${basename(out)}.meshwright`);
    mkdirSync(left, { recursive: true });
    renameSync(out, join(left, 'old'));
    await expect(runImport({ config, from: join(root, 'nowhere'), kinds, out }, quiet)).rejects.toThrow('does not exist');
    expect(tree(out)).toEqual(before);

    const prose = crd('Other', 'elsewhere.example.com');
    await served(
      { 'all.yaml': text(prose, crd('Gadget'), crd('Widget')), 'swagger.json': JSON.stringify(openApi, null, 2) },
      async (base) => {
        writeConfig(`${base}/swagger.json`, `${base}/all.yaml`);
        await runImport({ config, kinds, out }, quiet);
      },
    );
    expect(tree(out)).toEqual(before);
    expect(existsSync(join(left, 'old'))).toBe(false);
  }, 60_000);
});

describe('input that is wrong', () => {
  const widget = text(crd('Widget'));
  const failing = async (run: { from?: string; urls?: string[]; kinds?: string; out?: string }, message: string | RegExp) => {
    const before = tree(out);
    if (run.urls) writeConfig(...run.urls);
    const options = { config, kinds: run.kinds ?? kinds, out: run.out ?? out };
    const promise = runImport(run.from === undefined ? options : { ...options, from: run.from }, quiet);
    await expect(promise).rejects.toMatchObject({ name: 'UserError', message: expect.stringMatching(message) });
    expect(tree(out)).toEqual(before);
  };

  it('is one line on stderr and exit 1', async () => {
    const { status, stderr } = await command(['--from', join(root, 'nowhere')]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^import failed: folder .*nowhere does not exist: .*\n$/);
  }, 30_000);

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a missing kind',
      { ...good, 'b.yaml': widget.replaceAll('Widget', 'Thing') },
      /no source holds .* Gadget \(demo\.example\.com\)/,
    ],
    [
      'the same CRD in two files',
      { ...good, 'd.yaml': widget },
      /Widget \(demo.example.com\) is imported twice, from .*a\.yaml and from .*d\.yaml/,
    ],
    [
      'the OpenAPI file twice',
      { ...good, 'd.json': JSON.stringify(openApi) },
      /imported twice, from .*c\.json and from .*d\.json/,
    ],
    ['no OpenAPI file', { 'a.yaml': good['a.yaml'], 'b.yaml': good['b.yaml'] }, /no source is the Kubernetes OpenAPI file/],
    [
      'a version that is not there',
      { ...good, 'a.yaml': widget.replaceAll('name: v1\n', 'name: v9\n') },
      /no version v1, it has v1beta1, v9/,
    ],
    ['a file cut in a line', { ...good, 'a.yaml': widget.slice(0, widget.length / 2) }, /a\.yaml .*cut off/],
    [
      'a file cut at a line',
      { ...good, 'a.yaml': widget.slice(0, widget.lastIndexOf('enum')).trimEnd().concat('\n') },
      /Widget .*cut off/,
    ],
    ['a cut OpenAPI file', { ...good, 'c.json': JSON.stringify(openApi).slice(0, 400) }, /c\.json is cut off or no JSON/],
    [
      'an OpenAPI file without a kind',
      { ...good, 'c.json': JSON.stringify(openApi).replaceAll('"Box"', '"Bag"') },
      /no Box \(v1\)/,
    ],
    ['a web page', { ...good, 'a.yaml': '<!DOCTYPE html>\n<html></html>\n' }, /a\.yaml is a web page/],
    ['no YAML', { ...good, 'a.yaml': 'a: [1\nb: }\n' }, /a\.yaml is cut off or no YAML/],
    ['an empty file', { ...good, 'a.yaml': '' }, /a\.yaml is empty/],
    ['an unknown type', { ...good, 'a.yaml': widget.replaceAll('type: integer', 'type: integ') }, /type "integ" is no schema/],
    [
      'a pattern JavaScript cannot read',
      { ...good, 'a.yaml': widget.replaceAll('^(?i)(abort|warn)?$', '(?<=a)+(') },
      /action: pattern .* no JavaScript spelling/,
    ],
    ['a folder without files', {}, /holds no \.yaml or \.json file/],
  ])('%s', async (name, files, message) => failing({ from: sources(name.replaceAll(' ', '-'), files) }, message));

  it('a folder that is a file', () => failing({ from: kinds }, /is not a folder/));
  it('an address nobody answers at', () =>
    failing({ urls: ['http://127.0.0.1:9/crds.yaml'] }, /127\.0\.0\.1:9\/crds\.yaml cannot be read \(/));
  it('an address that does not exist, a group from two places', async () =>
    served({ 'gadget.yaml': good['b.yaml'], 'widget.yaml': widget, 'swagger.json': good['c.json'] }, async (base) => {
      await failing({ urls: [`${base}/gone.yaml`] }, /gone\.yaml answered 404/);
      const twice = [`${base}/v1/gadget.yaml`, `${base}/v2/widget.yaml`, `${base}/swagger.json`];
      await failing(
        { urls: twice },
        /group demo\.example\.com is imported twice, from .*v1\/gadget\.yaml and from .*v2\/widget\.yaml/,
      );
    }));
  it('no addresses', () => failing({ urls: [] }, /lists no imports/));
  it('no list of kinds', () => failing({ from, kinds: join(root, 'none.yaml') }, /none\.yaml cannot be read/));
  it('an output folder with something else in it', async () => {
    const mine = sources('mine', { 'notes.txt': 'keep me' });
    await failing({ from, out: mine }, /notes\.txt is not of this import/);
    expect(readFileSync(join(mine, 'notes.txt'), 'utf8')).toBe('keep me');
  });
});

describe('RE2 patterns', () => {
  it.each([
    ['(?i)ab[c-d]', 'AbC', 'x'],
    ['^(?P<year>\\d+)\\-\\d\\z', '2024-1', '2024/1'],
    ['^[[:alpha:]_]+$', 'ab_', 'a1'],
    ['^\\pL+$', 'é', '1'],
    ['^\\Qa.b\\E$', 'a.b', 'axb'],
  ])('%s', (pattern, match, other) => {
    const translated = new RegExp(fromRe2(pattern, 'here'), 'u');
    expect(translated.test(match)).toBe(true);
    expect(translated.test(other)).toBe(false);
  });
});
