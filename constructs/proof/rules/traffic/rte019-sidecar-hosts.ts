import { nearest } from '../../../kit/nearest.ts';
import { items } from '../../json-path.ts';
import { fullHost } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, type Spot, spotOf } from '../../types.ts';
import { missingService } from '../lookup.ts';

export const sidecarHosts: Rule = {
  code: 'RTE019',
  title: 'a Sidecar imports a host that does not exist',
  severity: 'warning',
  run: (model) => {
    const sidecars = model.kind('Sidecar').filter(({ group }) => group === 'networking.istio.io');
    if (sidecars.length === 0) return [];
    const namespaces = new Set([...model.kind('Namespace').map((one) => one.name), ...model.objects.map((one) => one.namespace)]);
    return sidecars.flatMap((object) =>
      items(object.json, 'spec', 'egress').flatMap((egress, i) =>
        items(egress, 'hosts').flatMap((host, j) => {
          const at = spotOf(object, ['spec', 'egress', i, 'hosts', j]);
          return typeof host === 'string' ? (faultOf(model, namespaces, object, host, at) ?? []) : [];
        }),
      ),
    );
  },
  docs: {
    cause:
      'Each egress host of a Sidecar is NAMESPACE/HOST, with the full name of the host. One that is not there imports nothing, and the Service that was meant stays unknown to the proxies: its routes, subsets and mutual TLS do not hold.',
    fix: 'Write the Service’s full name under its namespace, or `NAMESPACE/*`.',
    example: 'kind: Sidecar\nspec:\n  egress: [{hosts: ["./reviews"]}]   # ./reviews.bookinfo.svc.cluster.local',
  },
};

function faultOf(model: Model, namespaces: ReadonlySet<string>, object: ProofObject, value: string, at: Spot): Fault | undefined {
  const [from = '', host] = value.split('/');
  if (host === undefined) {
    const message = `"${value}" has no namespace: Istio refuses it`;
    return { at, severity: 'error', message, hint: `write "*/${value}" or "./${value}"` };
  }
  const own = from === '.' ? object.namespace : from;
  if (/^[*~]/.test(own)) return undefined;
  if (!namespaces.has(own)) {
    const near = nearest(own, namespaces);
    return near === undefined
      ? undefined
      : { at, message: `there is no namespace ${own} in the input`, hint: `did you mean "${near}/${host}"?` };
  }
  if (host.includes('*')) return undefined;
  if (!host.includes('.')) {
    const service = model.services.get(own, host);
    const message = `"${value}" imports nothing: Istio does not complete names here`;
    return service ? { at, message, hint: `write "${from}/${fullHost(service)}"` } : undefined;
  }
  const found = model.services.find(host, own);
  if (found.is !== 'missing') return undefined;
  // A name unlike all others harms nobody: it may come later, or have gone elsewhere.
  const beside = new Set(model.services.inNamespace(found.namespace).map((one) => one.name));
  return nearest(found.name, beside) === undefined
    ? undefined
    : missingService(model, { host, namespace: own, at, what: 'Sidecar' }, found);
}
