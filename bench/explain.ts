import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inScratch, median, table, time } from './measure.ts';
import { asked, trafficWorld } from './traffic-world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'lib/cli/main.js');

/** `meshwright explain` as a whole process, on a large mesh and on next to nothing; throws when the answer is not the one it should be. */
export function explaining(runs: number): string {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'ignore' });
  return inScratch((folder) => {
    const world = trafficWorld();
    for (const [name, text] of world) writeFileSync(join(folder, name), text);
    const few = asked.namespaces.map((namespace) => `${namespace}.yaml`);
    const [large, small] = [[folder], few.map((name) => join(folder, name))].map((paths) => {
      question(paths);
      return median(Array.from({ length: runs }, () => question(paths)));
    });
    const rows = [
      ['5,000 services, 10,000 rules', megabytes([...world.values()]), time(large ?? Number.NaN), ratio(large, small)],
      ['of these, two namespaces', megabytes(few.map((name) => world.get(name) ?? '')), time(small ?? Number.NaN), '1.00'],
    ];
    return table(['`meshwright explain` on', 'YAML', 'the whole process', 'beside two namespaces'], rows);
  });
}

/** Asks, and tells how long it took in milliseconds. */
function question(paths: readonly string[]): number {
  const { host, port, from, user } = asked;
  const args = [
    'explain',
    ...paths,
    '--host',
    host,
    '--port',
    String(port),
    '--from',
    from,
    '--header',
    `end-user=${user}`,
    '--json',
  ];
  const start = performance.now();
  const answer = JSON.parse(execFileSync(process.execPath, [cli, ...args], { encoding: 'utf8' }));
  const took = performance.now() - start;
  const [first] = answer.destinations;
  if (first?.subset !== 'v2' || first.percent !== 100) throw new Error(`explain gives another answer: ${JSON.stringify(answer)}`);
  return took;
}

function megabytes(texts: readonly string[]): string {
  return `${(texts.reduce((sum, text) => sum + text.length, 0) / 1e6).toFixed(1)} MB`;
}

function ratio(large = Number.NaN, small = Number.NaN): string {
  return (large / small).toFixed(2);
}
