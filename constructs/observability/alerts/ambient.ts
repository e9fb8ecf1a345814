import { series } from '../promql/queries.ts';
import type { AlertGroup } from './alert.ts';
import { podMatchers } from './select.ts';

/** The node proxies of ambient meshes; a node without one is seen only where Prometheus knew it before. */
export function ambientGroup(namespaces: readonly string[]): AlertGroup {
  return {
    name: 'ztunnel',
    title: 'Control plane',
    alerts: namespaces.map((namespace) => {
      const ztunnels = series('up', podMatchers([{ namespace, name: 'ztunnel' }]));
      return {
        name: 'ZtunnelDown',
        severity: 'page',
        expr: `${ztunnels} == 0 or absent(${ztunnels})`,
        for: '5m',
        labels: { namespace },
        summary: `a ztunnel of ${namespace} does not answer`,
        description: `Prometheus reaches {{ with $labels.pod }}not {{ . }}{{ else }}no ztunnel{{ end }} in ${namespace}, for 5 minutes.`,
        page: {
          means: 'Pods of ambient namespaces on that node can neither call nor be called: ztunnel carries all of their traffic.',
          look: [
            '`kubectl get pods -n NAMESPACE -l app=ztunnel -o wide`: which node?',
            '`kubectl logs -n NAMESPACE ztunnel-... --previous`',
          ],
          act: ['Delete the pod: it is made anew. When it does not come up, drain the node.'],
        },
      };
    }),
  };
}
