import { suggest } from '../../../kit/nearest.ts';
import { items } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { selectionIndex } from '../../model/selection.ts';
import type { Service } from '../../model/services.ts';
import type { Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const targetPort: Rule = {
  code: 'REF016',
  title: 'a Service leads to a container port by a name that no container has',
  severity: 'error',
  run: (model) => {
    const selected = selectionIndex(model.workloads);
    return model.services.all.flatMap((service) => faults(model, service, selected));
  },
  docs: {
    cause:
      'targetPort is a name, and no container of the pods behind the Service has a port of that name. Kubernetes then has no endpoint for it, and the connection is refused. A number needs no such entry.',
    fix: 'Name the port in the container’s ports, or write its number.',
    example: 'kind: Service\nspec:\n  ports: [{name: http, port: 80, targetPort: web}]   # the container’s port is named http',
  },
};

function faults(model: Model, service: Service, selected: ReturnType<typeof selectionIndex<Workload>>): Fault[] {
  const { object, created, selector, namespace, ports } = service;
  if (created || ports === 'unknown' || selector.size === 0 || !ports.some(({ target }) => typeof target === 'string')) return [];
  const pods = selected(namespace, selector);
  // Sidecars bring ports of their own; what spans and queries meet at a backend is told as such.
  if (pods.length === 0 || pods.some((one) => one.podSpec === undefined) || model.programs.selected(service)) return [];
  const names = pods.flatMap((one) => one.ports.map((port) => port.name)).filter((name) => name !== '');
  return ports.flatMap(({ number, target }): Fault[] => {
    if (typeof target !== 'string' || names.includes(target) || INJECTED.test(target)) return [];
    const index = items(object.json, 'spec', 'ports').findIndex(
      (one) => typeof one === 'object' && one !== null && 'port' in one && one.port === number,
    );
    return [
      {
        at: spotOf(object, ['spec', 'ports', Math.max(index, 0), 'targetPort']),
        message: `no container of the pods behind it has a port "${target}"`,
        hint: suggest(target, names, 'name the container’s port, or write a number'),
      },
    ];
  });
}

// Ports of the sidecar that Istio injects.
const INJECTED = /^(http-envoy-prom|status-port|istio-.*)$/;
