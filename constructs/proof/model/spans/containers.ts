import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, items, number, text } from '../../json-path.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Workload } from '../workloads.ts';

/** An image as it is stated: `registry/path/NAME:TAG`. */
export interface Image {
  /** Everything before the tag. */
  readonly repository: string;
  /** Empty when none is stated. */
  readonly tag: string;
  readonly at: Spot;
}

/** One container of a workload, as far as it matters to the program in it. */
export interface Container {
  readonly image: Image | undefined;
  /** Command and arguments, in one list. */
  readonly args: readonly string[];
  readonly argsAt: Spot;
  /** Variables by name; the value is undefined where it comes from elsewhere. */
  readonly env: ReadonlyMap<string, { readonly value: string | undefined; readonly at: Spot }>;
  /** More variables come from a ConfigMap or Secret (`envFrom`). */
  readonly envOpen: boolean;
  readonly ports: readonly number[];
  /** The key of a ConfigMap that lies at a path of its file system. */
  file(path: string): { readonly configMap: string; readonly key: string } | undefined;
}

// Added by injection or for the pod's start; they serve none of the pod's own ports.
const SIDECARS = new Set(['istio-proxy', 'istio-init', 'linkerd-proxy']);

/** The containers of a workload that may take spans; read once, for several rules ask. */
export const containersOf: (workload: Workload) => readonly Container[] = remember(readContainers);

function readContainers({ object, podSpec }: Workload): readonly Container[] {
  if (!podSpec) return [];
  return items(object.json, ...podSpec, 'containers').flatMap((json, i) =>
    SIDECARS.has(text(json, 'name') ?? '') ? [] : [container(object, podSpec, [...podSpec, 'containers', i], json)],
  );
}

function container(object: ProofObject, podSpec: Path, path: Path, json: Json): Container {
  // Most containers are no collectors: what only programs are asked for is read when it is asked for.
  let env: Container['env'] | undefined;
  return {
    image: imageAt(object, [...path, 'image'], text(json, 'image')),
    args: [...items(json, 'command'), ...items(json, 'args')].filter((one) => typeof one === 'string'),
    get argsAt() {
      return spotOf(object, [...path, items(json, 'args').length > 0 ? 'args' : 'command']);
    },
    get env() {
      env ??= envOf(object, path, json);
      return env;
    },
    envOpen: items(json, 'envFrom').length > 0,
    get ports() {
      return items(json, 'ports').flatMap((port) => number(port, 'containerPort') ?? []);
    },
    file: (wanted) => mounted(items(object.json, ...podSpec, 'volumes'), items(json, 'volumeMounts'), wanted),
  };
}

/** The variables of a container, or of a custom resource that lists them under `env`. */
export function envOf(object: ProofObject, path: Path, json: Json | undefined): Container['env'] {
  return new Map(
    items(json, 'env').flatMap((entry, i) => {
      const name = text(entry, 'name');
      if (name === undefined) return [];
      const value = at(entry, 'value');
      const stated = typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
      const known = at(entry, 'valueFrom') === undefined ? (stated ?? '') : undefined;
      return [[name, { value: known, at: spotOf(object, [...path, 'env', i]) }] as const];
    }),
  );
}

/** The image stated at a path of an object; undefined for none, and for one that is filled in later. */
export function imageAt(object: ProofObject, path: Path, stated: string | undefined): Image | undefined {
  if (stated === undefined || /[$%{}]/.test(stated)) return undefined;
  const digest = stated.indexOf('@');
  const name = digest < 0 ? stated : stated.slice(0, digest);
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  return {
    repository: colon < 0 ? name : name.slice(0, colon),
    tag: colon < 0 ? '' : name.slice(colon + 1),
    get at() {
      return spotOf(object, path);
    },
  };
}

/** The values of an option in command and arguments, in all its spellings: `--config=x`, `-config x`. */
export function optionValues(args: readonly string[], option: string): string[] {
  const words = args.flatMap((arg) => (/^\S+$/.test(arg) ? [arg] : arg.split(/\s+/)));
  return words.flatMap((word, i) => {
    const [, name, value] = /^--?([^=]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name !== option) return [];
    return [value ?? words[i + 1] ?? ''];
  });
}

function mounted(
  volumes: readonly Json[],
  mounts: readonly Json[],
  wanted: string,
): { configMap: string; key: string } | undefined {
  const under = mounts
    .map((mount) => ({ mount, root: (text(mount, 'mountPath') ?? '').replace(/\/+$/, '') }))
    .filter(({ root }) => root !== '' && (wanted === root || wanted.startsWith(`${root}/`)))
    .sort((a, b) => b.root.length - a.root.length)[0];
  if (!under) return undefined;
  const rest = wanted.slice(under.root.length + 1);
  const inside = [text(under.mount, 'subPath'), rest].filter((part) => part !== undefined && part !== '').join('/');
  const volume = volumes.find((one) => text(one, 'name') === text(under.mount, 'name'));
  const sources = [at(volume, 'configMap'), ...items(volume, 'projected', 'sources').map((source) => at(source, 'configMap'))];
  for (const source of sources) {
    const configMap = text(source, 'name');
    if (configMap === undefined) continue;
    const listed = items(source, 'items');
    const key =
      listed.length === 0
        ? inside
        : text(
            listed.find((item) => text(item, 'path') === inside),
            'key',
          );
    if (key !== undefined && key !== '') return { configMap, key };
  }
  return undefined;
}
