import { execFileSync, spawnSync } from 'node:child_process';
import { median, table, time } from './measure.ts';

/** Whole processes as a user starts them, the median of several runs after a warm-up. */
export function processes(runs: number): string {
  const env = { ...process.env, CDK8S_CHECK_UPGRADE: 'false' };
  const commands: [string, readonly string[]][] = [
    ['npm', ['run', '--silent', 'synth']],
    ['npx', ['cdk8s', 'synth']],
  ];
  if (spawnSync('istioctl', ['version', '--remote=false'], { stdio: 'ignore' }).status === 0) {
    commands.push(['istioctl', ['manifest', 'generate', '--set', 'profile=demo']]);
  }
  const measured = commands.map(([command, args]) => {
    const once = () => {
      const start = performance.now();
      execFileSync(command, args, { env, stdio: 'ignore' });
      return performance.now() - start;
    };
    once();
    return { name: [command, ...args].filter((a) => a !== '--silent').join(' '), ms: median(Array.from({ length: runs }, once)) };
  });
  const base = measured[0]?.ms ?? Number.NaN;
  return table(
    ['command', 'median', 'beside npm run synth'],
    measured.map(({ name, ms }) => [`\`${name}\``, time(ms), (ms / base).toFixed(2)]),
  );
}
