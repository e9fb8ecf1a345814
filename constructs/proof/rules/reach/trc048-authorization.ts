import { groupBy } from '../../group-by.ts';
import type { Refusal } from '../../model/reach/authorization.ts';
import type { Call } from '../../model/reach/calls.ts';
import { bypasses, containerPort, type Pods } from '../../model/reach/pods.ts';
import { type Reach, reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { strictAt } from './trc041-plaintext.ts';
import { numbers, senders, several, target } from './words.ts';

export const authorization: Rule = {
  code: 'TRC048',
  title: 'an AuthorizationPolicy refuses a hop of the trace path',
  severity: 'error',
  run: (model) => {
    const reach = reachOf(model);
    const refused = reach.calls.flatMap((call) => call.to.flatMap((to) => refusedCall(reach, call, to) ?? []));
    return [...groupBy(refused, (one) => one.refusal.policy).values()].flatMap((all) => fault(all) ?? []);
  },
  docs: {
    cause:
      'The pods behind a hop of the trace path are in the mesh, and AuthorizationPolicies for them (of their namespace or of the root namespace) refuse the caller: ALLOW policies of which none allows this namespace, account or port (`spec: {}` allows nobody), or a DENY policy that matches. Ports are those of the container, not of the Service. Callers without a sidecar have no identity, so no `namespaces` or `principals` matches them. Pods outside the mesh are not concerned.',
    fix: 'Add an ALLOW policy for the callers and the container’s port, or keep the backend out of the mesh.',
    example:
      'kind: AuthorizationPolicy\nmetadata: {namespace: observability}\nspec: {}   # nobody may call the collector, which has a sidecar',
  },
};

/** A call that a policy refuses. */
interface Refused {
  readonly refusal: Refusal;
  /** Who calls what, in words. */
  readonly what: string;
  readonly to: Pods;
  readonly port: number;
}

function refusedCall(reach: Reach, call: Call, to: Pods): Refused | undefined {
  const port = containerPort(call.service, call.port, to);
  if ((to.plane !== 'sidecar' && to.plane !== 'ambient') || port === undefined || bypasses(to, 'Inbound', port)) return undefined;
  // What STRICT mTLS refuses already is told as such.
  const strict = strictAt(reach, call, to);
  const callers = call.from.filter(
    (one) => one.object !== to.object && !(strict && (call.by === 'bootstrap' || one.plane === 'none')),
  );
  const refused = callers.flatMap((from) => {
    const caller: Pods = call.by === 'bootstrap' ? { ...from, plane: 'none' } : from;
    const refusal = reach.refusal(to, { from: caller, port, span: call.span });
    return refusal ? [{ from, refusal }] : [];
  });
  const [first] = refused;
  if (!first) return undefined;
  const who = senders(refused.map((one) => one.from));
  return { refusal: first.refusal, what: `${call.what} (${who}) at ${target(call)}, container port ${port}`, to, port };
}

/** One fault for each policy, whatever the number of calls that it refuses. */
function fault(all: readonly Refused[]): Fault | undefined {
  const [first] = all;
  if (!first) return undefined;
  const { refusal, to } = first;
  const denies = refusal.action === 'DENY';
  const calls = several(
    all.map((one) => one.what),
    denies ? ', and ' : ', nor ',
  );
  const ports = numbers(all.map((one) => one.port));
  return {
    at: refusal.at,
    message: `${denies ? 'it denies' : 'no ALLOW policy allows'} ${calls}`,
    hint: denies ? `leave ${ports} out of its rules` : `allow ${ports} to them in an ALLOW policy for the pods of ${to.name}`,
  };
}
