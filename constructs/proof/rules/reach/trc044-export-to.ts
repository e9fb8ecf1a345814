import { items } from '../../json-path.ts';
import { reachOf } from '../../model/reach/reach.ts';
import { registryOf } from '../../model/reach/registry.ts';
import { exportedTo, statedExport } from '../../model/reach/visibility.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';
import { names } from './words.ts';

export const exportTo: Rule = {
  code: 'TRC044',
  title: 'the tracing provider’s host is not exported to the namespaces that send to it',
  severity: 'error',
  run: (model) => {
    const reach = reachOf(model);
    const registry = registryOf(model);
    return [...reach.flows].flatMap(([tracer, from]) => {
      if (tracer.is !== 'provider' || tracer.provider.service === undefined) return [];
      const { mesh, provider } = tracer;
      const home = registry.find(tracer.provider.service, mesh.rootNamespace);
      const id = home?.object?.id ?? home?.service?.id;
      if (!home || id === undefined) return [];
      const stated = home.object ? statedExport(home.object) : [];
      const byDefault = items(mesh.value, 'defaultServiceExportTo').flatMap((one) => (typeof one === 'string' ? [one] : []));
      const to = exportedTo(stated.length > 0 ? stated : byDefault, home.namespace);
      if (!to) return [];
      const without = from.map((one) => one.namespace).filter((one) => !to.includes(one));
      if (without.length === 0 && to.length > 0) return [];
      const who = without.length === 0 ? '' : ` to namespace${new Set(without).size > 1 ? 's' : ''} ${names(without)}`;
      const said = stated.length > 0 ? home.object : undefined;
      const path = said?.kind === 'Service' ? ['metadata', 'annotations', 'networking.istio.io/exportTo'] : ['spec', 'exportTo'];
      return [
        {
          at: said ? spotOf(said, path) : mesh.spot(['defaultServiceExportTo']),
          message: `${id} is not exported${who}, whose proxies send spans to it (provider "${provider.name}")`,
          hint: `export it to "*"${said ? '' : ': annotate it networking.istio.io/exportTo: "*"'}`,
          cause: `export of ${id}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'The Service (annotation networking.istio.io/exportTo) or ServiceEntry (`exportTo`) of the tracing provider, or `defaultServiceExportTo` of the mesh config, shows its host to some namespaces only. Proxies elsewhere have no cluster for it, and their spans are lost.',
    fix: 'Export it to "*", or to every namespace of the mesh.',
    example: 'kind: Service   # of the collector\nmetadata:\n  annotations: {networking.istio.io/exportTo: "."}',
  },
};
