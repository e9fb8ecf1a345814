import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiObject, type App } from 'cdk8s';
import { parseAllDocuments, stringify } from 'yaml';
import { type Candidate, compare, inScratch, table, time, timeOf } from './measure.ts';
import { ours, theirs } from './objects.ts';

const objects = 20;

/** Synth of many layers: ours, `yaml.stringify` of the same objects, and cdk8s's own synth where `cdk8sAt` says. */
export function scaling(sizes: readonly number[], cdk8sAt: readonly number[], runs: number): string {
  // Both run as they do in a long process: the first calls of all are the compiler's.
  inScratch((folder) => compare(3, synthOf(ours, folder, 100), stringifyOnly(100)));
  const rows = sizes.map((layers) => {
    const { a: mine, ratio } = inScratch((folder) =>
      compare(Math.max(runs, 2000 / layers), synthOf(ours, folder, layers), stringifyOnly(layers)),
    );
    const cdk8s = cdk8sAt.includes(layers)
      ? inScratch((folder) => timeOf(layers >= 400 ? 1 : runs, synthOf(theirs, folder, layers)))
      : undefined;
    return [
      `${layers}`,
      time(mine),
      time((mine / layers) * 100),
      ratio.toFixed(2),
      cdk8s === undefined ? '' : time(cdk8s),
      cdk8s === undefined ? '' : `${(cdk8s / mine).toFixed(1)}`,
    ];
  });
  return table(
    ['layers of 20 objects', 'ours', 'per 100 layers', 'ours / yaml.stringify', 'cdk8s App.synth()', 'cdk8s / ours'],
    rows,
  );
}

function synthOf(make: typeof ours | typeof theirs, folder: string, layers: number): Candidate<App> {
  return {
    // A new folder each time: publishing over an equal tree would write nothing.
    prepare: (round) => make(join(folder, `${round}`), layers, objects),
    call: (app) => app.synth(),
  };
}

function stringifyOnly(layers: number): Candidate<readonly unknown[]> {
  return {
    prepare: () =>
      ours('unused', layers, objects)
        .node.findAll()
        .flatMap((c) => (ApiObject.isApiObject(c) ? [c.toJson()] : [])),
    call: (plain) => {
      for (const object of plain) stringify(object);
    },
  };
}

/** Whether both write the same objects, layer by layer; throws when not. */
export function sameContent(layers: number): string {
  return inScratch((folder) => {
    ours(join(folder, 'ours'), layers, objects).synth();
    theirs(join(folder, 'theirs'), layers, objects).synth();
    const read = (file: string) =>
      parseAllDocuments(readFileSync(file, 'utf8'))
        .map((d) => JSON.stringify(d.toJS(), sortedKeys))
        .sort();
    const files = readdirSync(join(folder, 'theirs'));
    for (const file of files) {
      const name = file.replace('.k8s.yaml', '');
      const a = read(join(folder, 'ours', 'bench', name, file));
      const b = read(join(folder, 'theirs', file));
      if (a.length !== objects || JSON.stringify(a) !== JSON.stringify(b))
        throw new Error(`layer ${name} differs between the two`);
    }
    if (files.length !== layers) throw new Error(`cdk8s wrote ${files.length} files for ${layers} layers`);
    return `Content compared for ${layers} layers: equal, object by object.`;
  });
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A chain of dependent layers beside the same layers without dependencies. */
export function chain(runs: number, cdk8sToo: boolean): string {
  const candidate = (make: typeof ours | typeof theirs, layers: number, each: number, folder: string, dependent: boolean) => ({
    prepare: (round: number) => make(join(folder, `${dependent}-${round}`), layers, each, dependent),
    call: (app: App) => app.synth(),
  });
  const row = (name: string, make: typeof ours | typeof theirs, layers: number, each: number, times: number) => {
    const { a, b, ratio } = inScratch((folder) =>
      compare(times, candidate(make, layers, each, folder, true), candidate(make, layers, each, folder, false)),
    );
    return [`${name}, ${layers} x ${each}`, time(b), time(a), ratio.toFixed(2)];
  };
  const rows = [row('ours', ours, 8, 40, runs * 3), ...(cdk8sToo ? [row('cdk8s', theirs, 5, 30, 1)] : [])];
  return table(['layers x objects', 'independent', 'a chain', 'chain / independent'], rows);
}
