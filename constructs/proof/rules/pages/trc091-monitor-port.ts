import { suggest } from '../../../kit/nearest.ts';
import { podTargets, serviceTargets } from '../../model/exposure/monitor-targets.ts';
import { type Monitor, monitorsOf, type Scraped } from '../../model/exposure/monitors.ts';
import type { Model } from '../../model/model.ts';
import type { Service } from '../../model/services.ts';
import { selects, type Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';

export const monitorPort: Rule = {
  code: 'TRC091',
  title: 'a monitor that names a port which its targets do not have',
  severity: 'error',
  run: (model) => monitorsOf(model).flatMap((monitor) => faults(model, monitor)),
  docs: {
    cause:
      'The `port` of a ServiceMonitor is the name of a port of the Service, that of a PodMonitor and a `targetPort` of a port that the container states. None of what it selects has it: the operator keeps no target, and nothing is scraped. A port of a Service without a name cannot be named. Quiet where not all that is selected is in the input.',
    fix: 'Write the name of the port; give the port a name if it has none.',
    example:
      'kind: ServiceMonitor\nspec: {selector: {matchLabels: {app: web}}, endpoints: [{port: metric}]}   # the port is named metrics',
  },
};

/** What a monitor selects: where it is what a known chart or operator makes, nothing that is not known to fit is meant as well. */
function selected(model: Model, monitor: Monitor): readonly Service[] {
  const fitting = serviceTargets(model).of(monitor);
  const sure = fitting.filter(({ fits }) => fits === 'yes');
  return (sure.some(({ of }) => of.created) ? sure : fitting).map(({ of }) => of);
}

/** Whether all ports are known by name. */
function isWhole({ created, labels, ports }: Service): boolean {
  if (ports === 'unknown') return false;
  return !created || (labels !== undefined && ports.every(({ name }) => name !== ''));
}

function faults(model: Model, monitor: Monitor): Fault[] {
  const { is, endpoints, object } = monitor;
  if (is === 'PodMonitor') {
    const fitting = podTargets(model)
      .of(monitor)
      .map(({ of }) => of);
    return endpoints.flatMap((one) => podFault(object.id, fitting, one, one.port ?? one.container) ?? []);
  }
  const services = selected(model, monitor);
  if (services.length === 0 || services.some((one) => !isWhole(one))) return [];
  const names = services.flatMap(({ ports }) => (ports === 'unknown' ? [] : ports.map(({ name }) => name)));
  const [first] = services;
  return endpoints.flatMap((one): Fault[] => {
    if (one.port === undefined) {
      const behind = services.flatMap(({ namespace, selector }) =>
        selector.size === 0 ? [] : model.workloadsIn(namespace).filter(({ labels }) => selects(selector, labels)),
      );
      return podFault(object.id, behind, one, one.container) ?? [];
    }
    if (names.includes(one.port) || /[${}]/.test(one.port)) return [];
    const whose = services.length === 1 ? `${first?.id}` : `none of the ${services.length} Services it selects`;
    return [
      {
        at: one.at,
        message: services.length === 1 ? `${whose} has no port named "${one.port}"` : `${whose} has a port named "${one.port}"`,
        hint: suggest(
          one.port,
          names.filter((name) => name !== ''),
          'give the port of the Service a name, and write it here',
        ),
        cause: `monitored port ${object.id} ${one.port}`,
      },
    ];
  });
}

// Ports of the sidecar that Istio injects.
const INJECTED = /^(http-envoy-prom|status-port|istio-.*|150\d\d)$/;

function podFault(
  id: string,
  pods: readonly Workload[],
  { at }: Scraped,
  port: string | number | undefined,
): Fault[] | undefined {
  if (port === undefined || INJECTED.test(`${port}`) || /[${}]/.test(`${port}`)) return undefined;
  const stated = pods.flatMap((one) => one.ports);
  // Pods that somebody makes, and those that state no port at all, may have any.
  if (pods.length === 0 || pods.some((one) => one.podSpec === undefined) || stated.length === 0) return undefined;
  if (stated.some((one) => one.name === port || one.number === port)) return undefined;
  const names = stated.map(({ name }) => name).filter((name) => name !== '');
  return [
    {
      at,
      message: `no container of the pods it selects states a port ${typeof port === 'number' ? port : `named "${port}"`}`,
      hint: suggest(`${port}`, names, 'state the port in the container, with a name'),
      cause: `monitored port ${id} ${port}`,
    },
  ];
}
