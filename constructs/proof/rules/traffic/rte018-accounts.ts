import { nearest, suggest } from '../../../kit/nearest.ts';
import { remember } from '../../../kit/remember.ts';
import { groupBy } from '../../group-by.ts';
import { items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';

export const accounts: Rule = {
  code: 'RTE018',
  title: 'an AuthorizationPolicy names a sender that does not exist',
  severity: 'error',
  run: (model) => {
    const policies = model.kind('AuthorizationPolicy').filter(({ group }) => group === 'security.istio.io');
    if (policies.length === 0) return [];
    const known = accountsOf(model);
    return policies.flatMap((object) =>
      items(object.json, 'spec', 'rules').flatMap((rule, i) =>
        items(rule, 'from').flatMap((from, j) =>
          LISTS.flatMap((list) =>
            items(from, 'source', list).flatMap((value, k) => {
              const path = ['spec', 'rules', i, 'from', j, 'source', list, k];
              return typeof value === 'string' ? (faultOf(model, known, { object, path, list, value }) ?? []) : [];
            }),
          ),
        ),
      ),
    );
  },
  docs: {
    cause:
      'A source names a ServiceAccount or namespace that is not there, so the rule matches nobody: an ALLOW policy refuses everybody, a DENY policy nobody. A principal is TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT, without `spiffe://`. In plain files only a name that is almost right is told.',
    fix: 'Use the serviceAccountName of the sender’s pods.',
    example:
      'kind: AuthorizationPolicy\nspec:\n  rules: [{from: [{source: {principals: [cluster.local/ns/bookinfo/sa/productpage]}}]}]   # it is bookinfo-productpage',
  },
};

const LISTS = ['principals', 'notPrincipals', 'serviceAccounts', 'notServiceAccounts', 'namespaces', 'notNamespaces'];

const namesOf = remember((known: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> => new Set(known.keys()));

function accountsOf(model: Model): ReadonlyMap<string, ReadonlySet<string>> {
  const stated = model.kind('ServiceAccount').map(({ name, namespace }) => ({ name, namespace }));
  const used = model.workloads.flatMap(({ object, podSpec, namespace }) =>
    podSpec ? [{ namespace, name: text(object.json, ...podSpec, 'serviceAccountName') ?? 'default' }] : [],
  );
  return new Map(
    [...groupBy([...stated, ...used], (one) => one.namespace)].map(([namespace, all]) => [
      namespace,
      new Set(all.map((one) => one.name)),
    ]),
  );
}

interface Sender {
  readonly object: ProofObject;
  readonly path: Path;
  readonly list: string;
  readonly value: string;
}

function faultOf(
  model: Model,
  known: ReadonlyMap<string, ReadonlySet<string>>,
  { object, path, list, value }: Sender,
): Fault | undefined {
  const at = spotOf(object, path);
  if (list.endsWith('rincipals') && value.startsWith('spiffe://')) {
    return {
      at,
      message: `"${value}" matches nobody: a principal has no scheme`,
      hint: `write "${value.slice('spiffe://'.length)}"`,
    };
  }
  const sender = senderOf(list, value, object.namespace);
  if (!sender) return undefined;
  const { namespace, account } = sender;
  const own = known.get(namespace);
  if (!own) {
    const near = nearest(namespace, namesOf(known));
    const stated = model.kind('Namespace').some((one) => one.name === namespace);
    if (near === undefined || stated) return undefined;
    return {
      at,
      severity: 'warning',
      message: `"${value}" names namespace ${namespace}, of which the input shows nothing`,
      hint: `did you mean "${near}"?`,
    };
  }
  // Accounts of gateways, waypoints and operators come with their pods.
  if (account === undefined || own.has(account) || account === 'default' || !model.isKnown(namespace)) return undefined;
  if (/gateway|waypoint|-istio$/.test(account)) return undefined;
  const near = nearest(account, own) ?? ending(account, own);
  if (near === undefined && (object.origin.construct === null || model.makersIn(namespace).length > 0)) return undefined;
  return {
    at,
    message: `"${value}" matches nobody: there is no ServiceAccount ${account} in namespace ${namespace}`,
    hint: near === undefined ? suggest(account, own, 'use the account of the sender’s pods') : `did you mean "${near}"?`,
  };
}

/** Upstream’s accounts begin with the app's name: `bookinfo-productpage`. */
function ending(account: string, own: ReadonlySet<string>): string | undefined {
  const found = [...own].filter((one) => one.endsWith(`-${account}`));
  return found.length === 1 ? found[0] : undefined;
}

/** Whom a value names; undefined for patterns. */
function senderOf(list: string, value: string, namespace: string): { namespace: string; account?: string } | undefined {
  if (value.includes('*')) return undefined;
  if (list.endsWith('amespaces')) return { namespace: value };
  if (list.endsWith('rviceAccounts')) {
    const [first = '', second] = value.split('/');
    return second === undefined ? { namespace, account: first } : { namespace: first, account: second };
  }
  const [, of, account] = /^[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(value) ?? [];
  return of === undefined || account === undefined ? undefined : { namespace: of, account };
}
