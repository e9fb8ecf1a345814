import { isObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';
import type { Cluster } from './cluster.ts';
import { linesOf, run } from './run.ts';
import type { Stack } from './stack.ts';
import { type Outcome, verdict } from './tally.ts';

/** A message of istioctl's. */
export interface Message {
  readonly code: string;
  /** `Kind namespace/name`, or `Kind name`. */
  readonly origin: string;
  readonly text: string;
}

/**
 * What `istioctl analyze -A` says of a cluster, every level.
 *
 * @throws UserError when istioctl gives no answer
 */
export async function analyze({ context }: Cluster): Promise<Message[]> {
  const args = ['analyze', '-A', '--context', context, '--output', 'json', '--output-threshold', 'Info', '--color=false'];
  const { stdout, stderr } = await run('istioctl', args, { seconds: 60 });
  const begin = stdout.search(/^\[/m);
  // It exits with an error for messages too: only a missing list is one.
  if (begin < 0) throw new UserError(`istioctl analyze gave no messages: ${linesOf(stdout + stderr).join(' ')}`);
  const list: unknown = JSON.parse(stdout.slice(begin, stdout.lastIndexOf(']') + 1));
  return (Array.isArray(list) ? list : []).filter(isObject).map(({ level, code, origin, message }) => ({
    code: String(code),
    origin: String(origin),
    text: `${level} [${code}] ${origin}: ${message}`,
  }));
}

/**
 * Holds what is said now against what was said before the stack came: every message that is new, or about an object of the stack, is a
 * failure.
 *
 * @param known messages of the cluster without the stack
 */
export function judge(now: readonly Message[], known: readonly Message[], stack: Pick<Stack, 'objects'>): Outcome {
  const own = new Set(stack.objects.map(({ kind, namespace, name }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}`));
  const before = new Set(known.filter(({ origin }) => !own.has(origin)).map(({ text }) => text));
  const aside = now.filter(({ text }) => before.has(text));
  const fresh = now.filter(({ text }) => !before.has(text));
  const codes = [...new Set(aside.map(({ code }) => code))].join(', ');
  const note = aside.length > 0 ? ` (not counted: ${aside.length} of the cluster without the stack, ${codes})` : '';
  return verdict(
    `istioctl analyze -A: ${fresh.length} messages${note}`,
    fresh.map(({ text }) => text),
  );
}
