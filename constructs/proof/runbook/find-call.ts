import { callsOf } from '../model/app-calls.ts';
import { fullHost } from '../model/hosts.ts';
import { selects, type Workload } from '../model/workloads.ts';
import type { RunbookFacts } from './facts.ts';

/** A call between two services of the mesh, by what proxies call them in spans. */
export interface NamedCall {
  /** `APP.NAMESPACE` */
  readonly from: string;
  readonly to: string;
  /** The name of the caller's span: `HOST:PORT/*` (Istio 1.30, TraceOperation). */
  readonly operation: string;
}

/** A call that serves as the example: of the app that people open, where the stack says whom it calls, else of any other. At most one. */
export function callOf({ model, app }: RunbookFacts): NamedCall[] {
  if (app?.dataplane !== 'sidecar') return [];
  const { namespace } = app.service;
  const inside = callsOf(model).flatMap(({ from, to, port }) => {
    if (from.namespace !== namespace || to.is !== 'service' || to.service.namespace !== namespace || port === undefined)
      return [];
    const called = model.workloadsIn(namespace).find(({ labels }) => selects(to.service.selector, labels));
    if (!called || to.service.selector.size === 0) return [];
    return [{ by: from, from: spanName(from), to: spanName(called), operation: `${fullHost(to.service)}:${port}/*` }];
  });
  const own =
    inside.find(({ by }) => selects(app.service.selector, by.labels)) ?? inside.find(({ by }) => by.object.kind === 'Deployment');
  return own ? [{ from: own.from, to: own.to, operation: own.operation }] : [];
}

function spanName({ labels, name, namespace }: Workload): string {
  return `${labels.get('app') ?? labels.get('app.kubernetes.io/name') ?? name}.${namespace}`;
}
