import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { byCodeUnit, isObject, type Json } from '../../../constructs/kit/json.ts';
import { label, type Stack } from '../stack.ts';
import { type Outcome, verdict } from '../tally.ts';

/** Where images and charts are pulled from in public, whatever the library knows of them. */
const publicDomains = [
  ...['docker.io', 'docker.com', 'quay.io', 'ghcr.io', 'gcr.io', 'pkg.dev', 'azurecr.io', 'mcr.microsoft.com', 'amazonaws.com'],
  ...['public.ecr.aws', 'storage.googleapis.com', 'registry.k8s.io', 'registry.istio.io', 'charts.jetstack.io', 'elastic.co'],
  ...['github.io', 'github.com', 'githubusercontent.com', 'gitlab.com', 'registry.access.redhat.com', 'redhat.io', 'bitnami.com'],
];
const publicHost = new RegExp(
  String.raw`(?<![\w.-])(?:[\w-]+\.)*(?:${publicDomains.map((one) => one.replaceAll('.', String.raw`\.`)).join('|')})(?![\w-]|\.\w)`,
  'gi',
);

/** Names of public registries and chart repositories in a text, each with its line number, from 1. */
export function publicHostsIn(source: string): { readonly host: string; readonly line: number }[] {
  return source
    .split('\n')
    .flatMap((line, i) => [...line.matchAll(publicHost)].map(([host]) => ({ host: host.toLowerCase(), line: i + 1 })));
}

/**
 * Images in an object that a container runtime would take to Docker Hub, for their first part names no host: references, and chart values
 * `{ repository }` without a `registry` or `hub` beside them.
 */
export function imagesWithoutHost(value: Json, key = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => imagesWithoutHost(one, key));
  if (isObject(value)) {
    const { repository, registry, hub } = value;
    const whole = registry === undefined && hub === undefined && /image$/i.test(key) && typeof repository === 'string';
    const own = whole && isBare(repository) ? [repository] : [];
    return [...own, ...Object.entries(value).flatMap(([name, one]) => imagesWithoutHost(one, name))];
  }
  return typeof value === 'string' && key === 'image' && value.includes('/') && isBare(value) ? [value] : [];
}

function isBare(image: string): boolean {
  const [first = '', ...more] = image.split('/');
  return more.length === 0 || !/[.:]|^localhost$/.test(first);
}

/** With a mirror, no file of the stack names a public registry: fields in ConfigMaps, custom resources and the inventory included. */
export function onlyMirror({ folder, mirror, objects }: Stack): Outcome[] {
  if (mirror === undefined) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort(byCodeUnit);
  const named = files.flatMap((file) =>
    publicHostsIn(readFileSync(file, 'utf8')).map(({ host, line }) => `${relative(folder, file)}:${line}: ${host}`),
  );
  const bare = objects.flatMap((one) => imagesWithoutHost(one.json).map((image) => `${label(one)}: ${image} names no registry`));
  return [verdict(`mirror ${mirror}: no public registry in ${files.length} files`, [...named, ...bare])];
}
