import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';
import type { Stack, StackObject } from '../stack.ts';
import { type RunningService, startService } from './processes.ts';
import type { HowToStart, Service } from './walk.ts';

/** One service of a chain, as its Deployment runs it. */
interface Deployed {
  readonly name: string;
  readonly namespace: string;
  readonly command: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  /** The program: file name to text. */
  readonly files: readonly [string, string][];
  /** The service that it calls, and the path. */
  readonly upstream: { readonly name: string; readonly path: string } | undefined;
}

/**
 * Finds the chain of small services of a stack, in the order they call each other: Deployments that run Node on a file of a ConfigMap and
 * say by UPSTREAM whom they call. They start as their Deployments say; only the addresses are of loopback.
 */
export function chainOf({ objects }: Pick<Stack, 'objects'>): Service[] | undefined {
  const services = objects.filter(({ kind }) => kind === 'Deployment').flatMap((object) => deployed(object, objects) ?? []);
  const called = new Set(services.map(({ upstream }) => upstream?.name));
  const first = services.find(({ name, upstream }) => upstream && !called.has(name));
  if (!first) return undefined;
  const row = [first];
  for (let next = first.upstream; next; next = row.at(-1)?.upstream) {
    const found = services.find(({ name }) => name === next.name);
    if (!found || row.includes(found)) return undefined;
    row.push(found);
  }
  return row.map((one) => ({ name: `${one.name}.${one.namespace}`, start: (how) => start(one, how) }));
}

async function start({ command, files, env, upstream }: Deployed, how: HowToStart): Promise<RunningService> {
  const own = Object.fromEntries(
    [...env].map(([key, value]) => [
      key,
      value
        .split(',')
        .filter((one) => one !== how.without)
        .join(','),
    ]),
  );
  const next = how.upstream && upstream ? { UPSTREAM: `${how.upstream}${upstream.path}` } : {};
  return startFiles(new Map(files), command, { ...own, HOST: '127.0.0.1', PORT: '0', ...how.env, ...next });
}

/**
 * Runs Node on a program's files, written out to where only they are.
 *
 * @param command its words; one that ends in a file's name means that file
 */
export async function startFiles(
  files: ReadonlyMap<string, string>,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RunningService> {
  const folder = mkdtempSync(join(tmpdir(), 'header-chain-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  try {
    for (const [name, text] of files) writeFileSync(join(folder, name), text);
    const args = command.slice(1).map((word) => (files.has(basename(word)) ? join(folder, basename(word)) : word));
    const running = await startService(process.execPath, args, { env });
    return { ...running, stop: () => running.stop().finally(clean) };
  } catch (error) {
    clean();
    throw error;
  }
}

function deployed({ name, namespace, json }: StackObject, objects: readonly StackObject[]): Deployed | undefined {
  const pod = at(json, 'spec', 'template', 'spec');
  const [container] = list(at(pod, 'containers'));
  const command = [at(container, 'command'), at(container, 'args')].flatMap((part) =>
    (Array.isArray(part) ? part : []).flatMap((word) => (typeof word === 'string' ? [word] : [])),
  );
  if (command[0] !== 'node') return undefined;
  const env = new Map(
    list(at(container, 'env')).flatMap(({ name: key, value }) =>
      typeof value === 'string' ? [[String(key), value] as const] : [],
    ),
  );
  const files = list(at(pod, 'volumes')).flatMap((volume) => {
    const map = at(volume, 'configMap', 'name');
    const found = objects.find((one) => one.kind === 'ConfigMap' && one.name === map && one.namespace === namespace);
    const data = at(found?.json, 'data');
    return Object.entries(isObject(data) ? data : {}).flatMap(([file, text]) =>
      typeof text === 'string' ? [[file, text] satisfies [string, string]] : [],
    );
  });
  const url = env.get('UPSTREAM');
  const [, host = '', path = '/'] = /^http:\/\/([^/:]+)(?::\d+)?(\/.*)?$/.exec(url ?? '') ?? [];
  const upstream = url === undefined ? undefined : { name: host.split('.')[0] ?? '', path };
  return { name, namespace: namespace ?? 'default', command, env, files, upstream };
}

function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
