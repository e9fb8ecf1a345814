import { scrapeCalls } from '../../model/exposure/calls.ts';
import { reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { strictAt } from '../reach/trc041-plaintext.ts';
import { target } from '../reach/words.ts';

export const monitorMtls: Rule = {
  code: 'TRC092',
  title: 'a monitor scrapes pods that take mutual TLS alone',
  severity: 'warning',
  run: (model) => {
    const reach = reachOf(model);
    return scrapeCalls(model).flatMap((call): Fault[] => {
      if (call.https || call.from.some(({ plane }) => plane !== 'none')) return [];
      const strict = call.to.find((pods) => strictAt(reach, call, pods));
      if (!strict) return [];
      return [
        {
          at: call.at,
          message: `${target(call)} takes nothing but mutual TLS (STRICT), and Prometheus has no sidecar`,
          hint: 'let the proxy answer for the app (port 15020, /stats/prometheus), or make the port PERMISSIVE with portLevelMtls',
          cause: `scrape of strict ${call.monitor.object.id} ${call.service.id}`,
        },
      ];
    });
  },
  docs: {
    cause:
      'The pods behind the Service are in the mesh under STRICT mTLS, and Prometheus scrapes the app’s own port without a sidecar: the connection is reset and the target is down. The proxy’s port 15020 takes plain text; it hands on the app’s metrics where the pod is annotated with `prometheus.io/port` (enablePrometheusMerge).',
    fix: 'Scrape port 15020 by a PodMonitor, make the app’s metrics port PERMISSIVE, or take it past the proxy with `traffic.sidecar.istio.io/excludeInboundPorts`.',
    example:
      'kind: ServiceMonitor\nspec: {endpoints: [{port: metrics}]}   # of pods with a sidecar, and a PeerAuthentication is STRICT',
  },
};
