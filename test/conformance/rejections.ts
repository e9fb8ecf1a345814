import { type Cluster, kubectl } from './cluster.ts';
import { linesOf } from './run.ts';
import { label, type StackObject } from './stack.ts';

/**
 * Which objects were rejected, and why: a webhook's refusal names no object. Those that kubectl did not list are asked again, each
 * alone and in a dry run.
 *
 * @param applied what `kubectl apply` printed: a line per accepted object
 * @param flags of that apply
 */
export async function rejections(
  cluster: Cluster,
  objects: readonly StackObject[],
  applied: string,
  flags: readonly string[],
): Promise<string[]> {
  const reasons: string[] = [];
  for (const object of unlisted(objects, applied)) {
    const input = JSON.stringify(object.json);
    const { code, stderr } = await kubectl(cluster, ['apply', ...flags, '--dry-run=server', '-f', '-'], { input });
    if (code !== 0) reasons.push(`${label(object)}: ${linesOf(stderr).join(' ')}`);
  }
  return reasons;
}

/** The objects without a line; kubectl's lines name no namespace, so of two with one name both are returned when a line is missing. */
export function unlisted(objects: readonly StackObject[], applied: string): StackObject[] {
  const lines = countBy(linesOf(applied).map((line) => line.split(' ')[0] ?? ''));
  const wanted = countBy(objects.map(kubectlName));
  return objects.filter((object) => (lines.get(kubectlName(object)) ?? 0) < (wanted.get(kubectlName(object)) ?? 0));
}

/** `gateway.networking.istio.io/public`. */
function kubectlName({ kind, name, json }: StackObject): string {
  const [group, version] = String(json.apiVersion).split('/');
  return `${kind.toLowerCase()}${version === undefined ? '' : `.${group}`}/${name}`;
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
