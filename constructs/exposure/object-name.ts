import type { Construct, IConstruct } from 'constructs';
import { checkDnsSubdomain } from '../kit/layer.ts';
import { stackOrVariant } from '../kit/stack-of.ts';
import { UserError } from '../kit/user-error.ts';

/** Who made an object, by kind, namespace and name: of each stack, and of each variant layer. */
const madeIn = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Names the object that a way in makes for a page: after the page, or `PAGE-WAY` where another way in of the stack has made one of that kind
 * there already, so that a page can be published side by side.
 *
 * @param way the exposure
 * @throws UserError when both names are taken, or the exposure's id makes no name
 * @internal
 */
export function objectName(way: Construct, kind: string, namespace: string, page: string): string {
  const { id, path } = way.node;
  const names = [page, `${page}-${id}`];
  const free = names.find((name) => isFirst(way, kind, namespace, name));
  if (free === undefined) {
    const others = names.map((name) => `'${made(way).get(`${kind}/${namespace}/${name}`)}'`);
    throw new UserError(
      `${kind} '${page}-${id}' of namespace '${namespace}' is there already, made by ${others.join(' and ')}: give '${path}' another id`,
    );
  }
  checkDnsSubdomain(free, `name of the ${kind} of page '${page}' published by '${path}'`);
  return free;
}

/** Whether nobody in the stack has made an object yet; whoever asks has made it from then on. @internal */
export function isFirst(scope: Construct, kind: string, namespace: string, name: string): boolean {
  const key = `${kind}/${namespace}/${name}`;
  if (made(scope).has(key)) return false;
  made(scope).set(key, scope.node.path);
  return true;
}

function made(scope: Construct): Map<string, string> {
  const place = stackOrVariant(scope);
  const found = madeIn.get(place) ?? new Map<string, string>();
  madeIn.set(place, found);
  return found;
}
