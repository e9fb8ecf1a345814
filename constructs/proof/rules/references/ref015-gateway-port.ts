import { items, number } from '../../json-path.ts';
import { gatewayWorkloads } from '../../model/gateways.ts';
import type { Model } from '../../model/model.ts';
import type { Service } from '../../model/services.ts';
import { labelText, selects, type Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { portList } from '../lookup.ts';

export const gatewayPort: Rule = {
  code: 'REF015',
  title: 'a Gateway listens at a port that the Service before its pods does not have',
  severity: 'error',
  run: (model) => {
    const pods = gatewayWorkloads(model.workloads);
    const known = new Map<string, Before>();
    // Most Gateways have the same few selectors.
    const before = (selector: ReadonlyMap<string, string>): Before => {
      const key = labelText(selector);
      const found =
        known.get(key) ??
        servicesBefore(
          model,
          pods.filter((one) => selects(selector, one.labels)),
        );
      known.set(key, found);
      return found;
    };
    return model.gateways.all.flatMap(({ api, selector, object }): Fault[] => {
      if (api !== 'istio' || selector.size === 0) return [];
      const { services, open } = before(selector);
      return open ? faults(object, open, services) : [];
    });
  },
  docs: {
    cause:
      'Istio opens the port of a Gateway’s server on the gateway pods, but the Service before them has no such port (nor targetPort), so nobody gets there: connections are refused (`istioctl analyze`: IST0162). Bookinfo’s Gateway has 8080, which is the targetPort of istioctl’s gateway; the gateway chart has 80 alone (istio#50693). In plain files a warning: another Service may be kept elsewhere.',
    fix: 'Use a port of the gateway’s Service, mostly 80 or 443, or add the port to the Service.',
    example:
      'kind: Gateway\nspec:\n  servers: [{port: {number: 8081, name: http, protocol: HTTP}, hosts: ["*"]}]   # the Service has 80 and 443',
  },
};

/** The Services before some pods, and the ports of which a server may name one; undefined when they are not known. */
interface Before {
  readonly services: readonly Service[];
  readonly open: ReadonlySet<number> | undefined;
}

function servicesBefore(model: Model, pods: readonly Workload[]): Before {
  const services = pods.flatMap(({ namespace, labels }) =>
    model.services.inNamespace(namespace).filter(({ selector }) => selector.size > 0 && selects(selector, labels)),
  );
  return { services, open: openPorts(services) };
}

// Where istioctl’s gateway takes what comes in at 80 and 443 (Istio 1.30, manifests/charts/gateways).
const TARGETS: ReadonlyMap<number, number> = new Map([
  [80, 8080],
  [443, 8443],
]);

function openPorts(services: readonly Service[]): ReadonlySet<number> | undefined {
  const ports = services.flatMap((one) =>
    one.ports === 'unknown' ? [] : one.ports.map((port) => ({ ...port, by: one.object })),
  );
  if (services.length === 0 || services.some((one) => one.ports === 'unknown')) return undefined;
  if (ports.some(({ target }) => typeof target === 'string')) return undefined;
  const targets = ports.flatMap(({ target, number: port, by }) => [
    target,
    by.kind === 'IstioOperator' ? TARGETS.get(port) : undefined,
  ]);
  return new Set([...ports.map((one) => one.number), ...targets.flatMap((one) => (typeof one === 'number' ? [one] : []))]);
}

function faults(object: ProofObject, open: ReadonlySet<number>, services: readonly Service[]): Fault[] {
  return items(object.json, 'spec', 'servers').flatMap((server, i): Fault[] => {
    const port = number(server, 'port', 'number');
    const [service] = services;
    if (port === undefined || open.has(port) || !service) return [];
    return [
      {
        at: spotOf(object, ['spec', 'servers', i, 'port', 'number']),
        ...(object.origin.construct === null ? { severity: 'warning' as const } : {}),
        message: `the gateway pods listen at ${port}, but ${service.id} before them has ${portList(service)}`,
        hint: 'use a port of that Service, or add this one to it',
      },
    ];
  });
}
