import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What each room may import, besides itself: kit <- rooms <- apps <- app.ts <- stacks <- main.ts. */
const allowed: Record<string, readonly string[]> = {
  kit: ['imports'],
  mesh: ['kit', 'imports'],
  tracing: ['kit', 'imports'],
  observability: ['kit', 'imports'],
  exposure: ['kit', 'imports'],
  delivery: ['kit', 'imports'],
  proof: ['kit'],
  apps: ['kit', 'imports', 'mesh', 'tracing', 'observability', 'exposure', 'delivery'],
  // app.ts, render.ts, worlds.ts, index.ts
  constructs: ['testing', 'kit', 'mesh', 'tracing', 'observability', 'exposure', 'apps', 'delivery', 'proof'],
  testing: ['kit', 'proof', 'constructs'],
  cli: ['kit', 'proof', 'constructs'],
  stacks: ['constructs', 'stacks'],
};

/** The proof knows plain JSON, no construct: of kit it may have these: data, and how it is read. */
const plainKit = [
  'constructs/kit/json.ts',
  'constructs/kit/user-error.ts',
  'constructs/kit/yaml.ts',
  'constructs/kit/cel.ts',
  'constructs/kit/collector-components.ts',
  'constructs/kit/trace-headers.ts',
  'constructs/kit/istio-profiles.ts',
  'constructs/kit/nearest.ts',
  'constructs/kit/remember.ts',
  'constructs/kit/metrics/index.ts',
];

const root = resolve(import.meta.dirname, '..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((f) => f.endsWith('.ts'))
    .map((f) => join(folder, f).split(sep).join('/'));
}

function roomOf(file: string): string {
  const [top = '', second = '', third] = file.split('/');
  return top === 'constructs' ? (third === undefined ? 'constructs' : second) : top;
}

/** Relative imports of a file, as paths from the project's root. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, target = '']) =>
    relative(root, resolve(root, dirname(file), target))
      .split(sep)
      .join('/'),
  );
}

const files = ['constructs', 'cli', 'stacks'].flatMap(sources);

describe('rooms', () => {
  it('are all known', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => !(room in allowed))).toEqual([]);
  });

  it('import only in the direction of the house', () => {
    const wrong = files.flatMap((file) => {
      const room = roomOf(file);
      const may = allowed[room] ?? [];
      return importsOf(file)
        .filter((target) => roomOf(target) !== room && !may.includes(roomOf(target)))
        .map((target) => `${file} -> ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('keep the proof free of constructs', () => {
    const wrong = files
      .filter((f) => roomOf(f) === 'proof')
      .flatMap((f) => importsOf(f).map((t) => [f, t] as const))
      .filter(([, t]) => roomOf(t) === 'kit' && !plainKit.includes(t));
    expect(wrong).toEqual([]);
  });

  it('can be read in one sitting', () => {
    const long = files.filter((f) => readFileSync(join(root, f), 'utf8').split('\n').length > 301);
    expect(long).toEqual([]);
    const longStacks = files.filter(
      (f) => f.startsWith('stacks/') && readFileSync(join(root, f), 'utf8').split('\n').length > 101,
    );
    expect(longStacks).toEqual([]);
  });
});
