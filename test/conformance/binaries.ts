import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { isObject } from '../../constructs/kit/json.ts';
import { type CollectorBuild, collectorBuilds, fitTo } from './collector-builds.ts';
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
    const builds = await collectorBuilds();
    for (const config of embeddedConfigs(stack.objects))
      outcomes.push(...(await judge(config, join(scratch, 'config.yaml'), builds)));
    if (stack.mesh)
      outcomes.push(await ask('mesh config', ['meshcheck'], [], JSON.stringify(stack.mesh), join(scratch, 'mesh.yaml')));
    return [...outcomes, ...(await operatorFile(stack, rig))];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function judge(config: EmbeddedConfig, file: string, builds: readonly CollectorBuild[]): Promise<Outcome[]> {
  const { of, where, text } = config;
  switch (of) {
    case 'jaeger':
      return [await ask(where, ['jaeger'], ['validate', '--config'], text, file)];
    case 'collector':
      return collector(where, text, file, builds);
    case 'loki':
      return [await ask(where, ['loki'], ['-target=all', '-verify-config', '-config.file'], text, file)];
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

/** Asks every build that is here, each without what it does not hold; what none of them holds is skipped by name. */
async function collector(where: string, text: string, file: string, builds: readonly CollectorBuild[]): Promise<Outcome[]> {
  const config: unknown = parse(text);
  if (builds.length === 0 || !isObject(config)) return [skipped(`${where}: otelcol validate`, 'no otelcol is on PATH')];
  const fitted = builds.map(({ program, components }) => ({ program, ...fitTo(config, { components }) }));
  const outcomes: Outcome[] = [];
  for (const { program, config, missing } of fitted) {
    const without = missing.length > 0 ? `${where} (without ${missing.join(', ')})` : where;
    outcomes.push(await ask(without, [program], ['validate', '--config'], stringify(config), file));
  }
  const never = fitted.reduce<readonly string[]>(
    (held, { missing }) => held.filter((one) => missing.includes(one)),
    fitted[0]?.missing ?? [],
  );
  return [...outcomes, ...never.map((one) => skipped(`${where}: ${one}`, 'no collector here holds it'))];
}

async function ask(where: string, programs: string[], args: string[], text: string, file: string): Promise<Outcome> {
  const what = `${where}: ${programs.at(-1)} ${args.filter((arg) => !arg.startsWith('-')).join(' ')}`.trim();
  const program = onPath(...programs);
  if (!program) return skipped(what, `${programs.join(' or ')} is not on PATH`);
  writeFileSync(file, text);
  const { code, stdout, stderr } = await run(program, [...args, file]);
  const said = linesOf(stderr + stdout).map((line) => line.replaceAll(file, where));
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
