import type { Json } from '../../kit/json.ts';
import { fields, items, number, text } from '../json-path.ts';
import type { Route } from '../model/routes.ts';
import type { ProofObject } from '../types.ts';

/** Where a rule of a route leads, with a path that it takes. */
export interface Target {
  readonly path: string;
  readonly host: string;
  readonly port: number | undefined;
}

/** The hosts of a route, as written; any where none is said. */
export function hostnames({ api, object }: Route): readonly string[] {
  const { json } = object;
  const list =
    api === 'ingress'
      ? items(json, 'spec', 'rules').map((rule) => text(rule, 'host') ?? '*')
      : items(json, 'spec', api === 'istio' ? 'hosts' : 'hostnames');
  const found = list.filter((one) => typeof one === 'string').map((one) => one.toLowerCase());
  return found.length > 0 ? found : ['*'];
}

/** Where the HTTP rules of a route lead, with a path that each takes. */
export function targets({ api, object }: Route): Target[] {
  const { json } = object;
  if (api === 'istio') {
    return items(json, 'spec', 'http').flatMap((rule) => {
      const [match] = items(rule, 'match');
      const path = text(match, 'uri', 'exact') ?? text(match, 'uri', 'prefix') ?? '/';
      return items(rule, 'route').flatMap((to) =>
        target(path, text(to, 'destination', 'host'), number(to, 'destination', 'port', 'number')),
      );
    });
  }
  if (api === 'gateway-api') {
    return items(json, 'spec', 'rules').flatMap((rule) => {
      const path = text(items(rule, 'matches')[0], 'path', 'value') ?? '/';
      return items(rule, 'backendRefs').flatMap((ref) => target(path, hostOf(ref, object), number(ref, 'port')));
    });
  }
  return items(json, 'spec', 'rules').flatMap((rule) =>
    items(rule, 'http', 'paths').flatMap((one) =>
      target(
        text(one, 'path') ?? '/',
        hostOf(fields(one, 'backend', 'service'), object),
        number(one, 'backend', 'service', 'port', 'number'),
      ),
    ),
  );
}

function target(path: string, host: string | undefined, port: number | undefined): Target[] {
  return host === undefined ? [] : [{ path, host, port }];
}

function hostOf(ref: Json, { namespace }: ProofObject): string | undefined {
  const name = text(ref, 'name');
  return name === undefined ? undefined : `${name}.${text(ref, 'namespace') ?? namespace}.svc.cluster.local`;
}
