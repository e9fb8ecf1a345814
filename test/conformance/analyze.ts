import { isObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import type { Cluster } from './cluster.ts';
import { linesOf, run } from './run.ts';
import { type Outcome, verdict } from './tally.ts';

/**
 * What `istioctl analyze -A` says of a cluster, one line per message, every level.
 *
 * @throws UserError when istioctl gives no answer
 */
export async function analyze({ context }: Cluster): Promise<string[]> {
  const args = ['analyze', '-A', '--context', context, '--output', 'json', '--output-threshold', 'Info', '--color=false'];
  const { stdout, stderr } = await run('istioctl', args, { seconds: 60 });
  const begin = stdout.search(/^\[/m);
  // It exits with an error for messages too: only a missing list is one.
  if (begin < 0) throw new UserError(`istioctl analyze gave no messages: ${linesOf(stdout + stderr).join(' ')}`);
  const messages: unknown = JSON.parse(stdout.slice(begin, stdout.lastIndexOf(']') + 1));
  const list: unknown[] = Array.isArray(messages) ? messages : [];
  return list.filter(isObject).map(({ level, code, origin, message }) => `${level} [${code}] ${origin}: ${message}`);
}

/**
 * Holds what is said now against what was said before the stack came: every new message is a failure.
 *
 * @param known messages of the bare cluster
 */
export function judge(now: readonly string[], known: readonly string[]): Outcome {
  const fresh = now.filter((message) => !known.includes(message));
  const old = now.length - fresh.length;
  const aside = old > 0 ? ` (${old} of the cluster without the stack not counted)` : '';
  return verdict(`istioctl analyze -A: ${fresh.length} messages${aside}`, fresh);
}
