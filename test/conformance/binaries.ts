import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { dashboardQueries, type EmbeddedConfig, embeddedConfigs } from './configs.ts';
import type { Rig } from './rig.ts';
import { linesOf, onPath, run } from './run.ts';
import type { Stack } from './stack.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

/** Gives every configuration of the stack to the program that will read it; needs no cluster. A missing program is skipped by name. */
export async function binaries(stack: Stack, rig: Rig | undefined): Promise<Outcome[]> {
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const outcomes: Outcome[] = [];
    for (const config of embeddedConfigs(stack.objects)) outcomes.push(...(await judge(config, join(scratch, 'config.yaml'))));
    if (stack.mesh)
      outcomes.push(await ask('mesh config', ['meshcheck'], [], JSON.stringify(stack.mesh), join(scratch, 'mesh.yaml')));
    return [...outcomes, ...(await operatorFile(stack, rig))];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function judge(config: EmbeddedConfig, file: string): Promise<Outcome[]> {
  const { of, where, text } = config;
  switch (of) {
    case 'jaeger':
      return [await ask(where, ['jaeger'], ['validate', '--config'], text, file)];
    case 'collector':
      return [await ask(where, ['otelcol-contrib', 'otelcol'], ['validate', '--config'], text, file)];
    case 'prometheus':
      return [await ask(where, ['promtool'], ['check', 'config', '--syntax-only'], text, file)];
    case 'rules':
      return [await ask(where, ['promtool'], ['check', 'rules', '--lint=none'], text, file)];
    case 'dashboard': {
      const queries = dashboardQueries(text);
      if (queries.length === 0) return [verdict(`${where}: JSON`, [])];
      const rules = stringify({ groups: [{ name: where, rules: queries.map((expr, i) => ({ record: `query:${i}`, expr })) }] });
      const queried = `${where} (${queries.length} queries)`;
      return [verdict(`${where}: JSON`, []), await ask(queried, ['promtool'], ['check', 'rules', '--lint=none'], rules, file)];
    }
    case 'unreadable':
      return [verdict(where, [text])];
  }
}

async function ask(where: string, programs: string[], args: string[], text: string, file: string): Promise<Outcome> {
  const what = `${where}: ${programs.at(-1)} ${args.filter((arg) => !arg.startsWith('-')).join(' ')}`.trim();
  const program = onPath(...programs);
  if (!program) return skipped(what, `${programs.join(' or ')} is not on PATH`);
  writeFileSync(file, text);
  const { code, stdout, stderr } = await run(program, [...args, file]);
  const said = linesOf(stderr + stdout).map((line) => line.replaceAll(file, where));
  // Distributions of the collector differ in what they hold.
  if (code !== 0 && programs.includes('otelcol') && said.some((line) => line.includes('unknown type')))
    return skipped(what, `${program} lacks a component: ${said.join(' ')}`);
  return verdict(what, code === 0 ? [] : said.slice(0, 8));
}

async function operatorFile({ operator }: Stack, rig: Rig | undefined): Promise<Outcome[]> {
  if (!operator) return [];
  const { file } = operator;
  const checks: [string, string[]][] = [
    ['istioctl validate', ['validate', '-f', file]],
    // A rig's istioctl brings no charts of its own.
    ['istioctl manifest generate', ['manifest', 'generate', '-f', file, ...(rig ? ['--manifests', rig.manifests] : [])]],
  ];
  const outcomes: Outcome[] = [];
  for (const [name, args] of checks) {
    const what = `istio-operator.yaml: ${name}`;
    if (!onPath('istioctl')) outcomes.push(skipped(what, 'istioctl is not on PATH'));
    else {
      const { code, stderr } = await run('istioctl', args);
      outcomes.push(verdict(what, code === 0 ? [] : linesOf(stderr)));
    }
  }
  return outcomes;
}
