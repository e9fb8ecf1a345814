import { reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import { meshedBackend, plaintextFault, strictAt } from './trc041-plaintext.ts';
import { target } from './words.ts';

export const backendInMesh: Rule = {
  code: 'TRC042',
  title: 'proxies send spans to pods that are in the mesh under STRICT mTLS',
  severity: 'warning',
  run: (model) => {
    const reach = reachOf(model);
    return reach.calls.flatMap((call) => {
      const pods = call.by === 'proxy' ? call.to.find((one) => one.plane === 'sidecar' && strictAt(reach, call, one)) : undefined;
      if (!pods || plaintextFault(reach, call, pods)) return [];
      return [
        {
          at: pods.labelsAt,
          message: `${call.what} sends to ${target(call)}, whose pods have a sidecar under STRICT mTLS: Envoy's own spans have been lost there, and the sidecar traces every delivery of spans`,
          hint: 'label the pods sidecar.istio.io/inject: "false"',
          cause: meshedBackend(pods),
        },
      ];
    });
  },
  docs: {
    cause:
      'The first hop of the trace path (the collector or backend that the proxies send to) has a sidecar itself, and a PeerAuthentication makes mTLS STRICT there. Users lost the spans of Envoy in this set-up (istio#38755, #8709); and its sidecar makes a span of each delivery of spans.',
    fix: 'Keep the first hop out of the mesh: pod label sidecar.istio.io/inject: "false".',
    example: 'kind: Deployment   # the collector, in a namespace with istio-injection: enabled and mtls STRICT',
  },
};
