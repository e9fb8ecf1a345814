import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject } from 'cdk8s';
import fc from 'fast-check';
import { toYaml, UserError } from '../../constructs/kit/index.ts';
import { isObject, type JsonObject } from '../../constructs/kit/json.ts';
import { HttpRoutes, type HttpRoutesProps, TrafficPolicy } from '../../constructs/mesh/index.ts';
import { httpRules } from '../support/http-rules.ts';
import { shop } from '../support/routes.ts';
import { linesOf, onPath, run } from './run.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

/** How many namespaces of generated routes istioctl is shown. */
const shops = 150;

/** Whatever HttpRoutes accepts, `istioctl validate` and `istioctl analyze` take without an error: generated rules, the same on each run. */
export async function acceptedRoutes(): Promise<Outcome[]> {
  const what = `${shops} generated HttpRoutes`;
  if (!onPath('istioctl')) return [skipped(`${what}: istioctl analyze`, 'istioctl is not on PATH')];
  const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
  try {
    const file = join(scratch, 'routes.yaml');
    const objects = Array.from({ length: shops }, (_, i) => shopWithRoutes(i)).flat();
    writeFileSync(file, objects.map((one) => `---\n${toYaml(one)}`).join(''));
    const routes = objects.filter(({ kind }) => kind === 'VirtualService' || kind === 'HTTPRoute').length;
    return [
      verdict(`${what}: one in each namespace`, routes === shops ? [] : [`${routes} were made`]),
      await validated(`${what}: istioctl validate`, file),
      await analyzed(`${what}: istioctl analyze, no error`, file),
    ];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** A namespace of its own for each: two VirtualServices of one host would be another fault. */
function shopWithRoutes(index: number): JsonObject[] {
  const apps = shop(`shop-${index}`);
  const { layer, reviews, ratings } = apps;
  new TrafficPolicy(layer, 'reviews-policy', { of: reviews });
  new TrafficPolicy(layer, 'ratings-policy', { of: ratings });
  const as = index % 3 === 0 ? { as: 'gateway-api' } : {};
  for (const [i, rules] of fc.sample(httpRules(apps), { numRuns: 500, seed: index }).entries()) {
    try {
      new HttpRoutes(layer, `routes-${i}`, { of: reviews, ...as, rules } as unknown as HttpRoutesProps);
      break;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      layer.node.tryRemoveChild(`routes-${i}`);
    }
  }
  return layer.node.findAll().flatMap((one) => {
    const json: unknown = ApiObject.isApiObject(one) ? one.toJson() : undefined;
    return isObject(json) ? [json] : [];
  });
}

async function validated(what: string, file: string): Promise<Outcome> {
  const { code, stdout, stderr } = await run('istioctl', ['validate', '-f', file]);
  return verdict(what, code === 0 ? [] : linesOf(stdout + stderr).slice(0, 10));
}

async function analyzed(what: string, file: string): Promise<Outcome> {
  const args = ['analyze', '-A', '--use-kube=false', '--output', 'json', '--output-threshold', 'Error', '--color=false', file];
  const { stdout, stderr } = await run('istioctl', args);
  const begin = stdout.indexOf('[');
  if (begin < 0)
    return verdict(what, [
      `istioctl gave no messages: ${linesOf(stdout + stderr)
        .slice(0, 3)
        .join(' ')}`,
    ]);
  const messages: unknown = JSON.parse(stdout.slice(begin));
  return verdict(
    what,
    Array.isArray(messages) ? messages.slice(0, 10).map((one) => JSON.stringify(one)) : ['no list of messages'],
  );
}
