import { fullHost, readHost } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import type { Pods } from '../../model/reach/pods.ts';
import { type Reach, reachOf } from '../../model/reach/reach.ts';
import { type Registry, registryOf } from '../../model/reach/registry.ts';
import { imports } from '../../model/reach/visibility.ts';
import type { Exporter, Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { severityWithoutEntry } from './trc045-external-provider.ts';

export const registryOnly: Rule = {
  code: 'TRC046',
  title: 'a collector in the mesh exports to a host that REGISTRY_ONLY keeps it from',
  severity: 'error',
  run: (model) => {
    const reach = reachOf(model);
    const registry = registryOf(model);
    const pods = new Map(reach.pods.map((one) => [one.object, one]));
    return model.programs.all.flatMap((program) => {
      const from = pods.get(program.object);
      if (from?.plane !== 'sidecar' || !(reach.sidecar(from)?.registryOnly ?? reach.registryOnly)) return [];
      return program.exporters.flatMap((exporter) => fault(model, reach, registry, { program, exporter, from }) ?? []);
    });
  },
  docs: {
    cause:
      'A collector has a sidecar, and `outboundTrafficPolicy: REGISTRY_ONLY` (of the mesh, or of a Sidecar resource) lets it reach only hosts of the registry that it may see. The host of its exporter is outside the cluster without a ServiceEntry, or its Sidecar resource leaves the host out: the sidecar drops the connection.',
    fix: 'Add a ServiceEntry for the host, add it to the Sidecar’s `egress[].hosts`, or keep the collector out of the mesh.',
    example: 'exporters: {otlp: {endpoint: otlp.vendor.example.com:443}}   # no ServiceEntry for otlp.vendor.example.com',
  },
};

interface Way {
  readonly program: Program;
  readonly exporter: Exporter;
  readonly from: Pods;
}

function fault(model: Model, reach: Reach, registry: Registry, { program, exporter, from }: Way): Fault | undefined {
  if (!exporter.to) return undefined;
  const { host, port } = exporter.to;
  const what = `exporter ${exporter.id} of ${program.name}`;
  if (readHost(host, program.namespace).is === 'other') {
    if (registry.covers(host)) return undefined;
    const severity = severityWithoutEntry(model, exporter.at.object);
    if (!severity) return undefined;
    const message = `${what} sends to ${host}, which no ServiceEntry brings into the mesh, and REGISTRY_ONLY lets its sidecar reach nothing else`;
    const hint = `add a ServiceEntry with host ${host} and port ${port}, or label its pods sidecar.istio.io/inject: "false"`;
    return { at: exporter.at, message, hint, severity, cause: `service entry ${host}` };
  }
  const found = model.services.find(host, program.namespace);
  const sidecar = reach.sidecar(from);
  if (found.is !== 'service' || !sidecar) return undefined;
  const home = { host: fullHost(found.service), namespace: found.service.namespace };
  if (imports(sidecar, from.namespace, home)) return undefined;
  const message = `${what} cannot reach ${home.host}: ${sidecar.hosts.join(', ') || 'an empty list'} leaves it out, and REGISTRY_ONLY lets the sidecar reach nothing else`;
  return {
    at: sidecar.at,
    message,
    hint: `add "${home.namespace}/${home.host}"`,
    cause: `sidecar ${sidecar.object.id} ${home.host}`,
  };
}
