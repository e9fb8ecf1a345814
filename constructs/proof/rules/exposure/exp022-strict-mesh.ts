import { strings } from '../../json-path.ts';
import { type IngressCall, ingressCalls } from '../../model/exposure/calls.ts';
import { classOf, servedBy } from '../../model/exposure/ingress-classes.ts';
import type { Model } from '../../model/model.ts';
import { containerPort, type Pods } from '../../model/reach/pods.ts';
import { reachOf } from '../../model/reach/reach.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { strictAt } from '../reach/trc041-plaintext.ts';

export const strictMesh: Rule = {
  code: 'EXP022',
  title: 'an Ingress outside the mesh before pods that take mutual TLS alone',
  severity: 'error',
  run: (model) => {
    if (!model.objects.some(({ kind }) => kind === 'PeerAuthentication')) return [];
    return ingressCalls(model).flatMap((call) => faultOf(model, call) ?? []);
  },
  docs: {
    cause:
      'The pods behind an Ingress are in the mesh, and a PeerAuthentication asks for mutual TLS (STRICT) on their port. A controller without a sidecar has none: each request is reset, visitors see 502. ingress-nginx with a sidecar calls pods by their addresses, which the sidecar does not know: it needs the annotations `service-upstream: "true"` and `upstream-vhost` (a warning). Where the input does not show the controller and its Ingress says nothing of the mesh, a warning, but for class nginx.',
    fix: 'Publish the host at Istio’s gateway, give the controller a sidecar, or make the port PERMISSIVE with `portLevelMtls`.',
    example:
      'kind: PeerAuthentication\nmetadata: {namespace: shop}\nspec: {mtls: {mode: STRICT}}\n---\nkind: Ingress   # class nginx, whose controller has no sidecar; the backend has one',
  },
};

const NGINX = 'nginx.ingress.kubernetes.io';

function faultOf(model: Model, call: IngressCall): Fault | undefined {
  const reach = reachOf(model);
  const { object } = call.route;
  const strict = call.to.find((pods) => !pods.gateway && strictAt(reach, call, pods));
  const classes = servedBy(model, object);
  const named = classOf(object)?.name;
  const isIstio = classes.length > 0 ? classes.some(({ controller }) => controller === 'istio') : named === 'istio';
  if (!strict || isIstio) return undefined;
  const annotations = strings(object.json, 'metadata', 'annotations');
  // A certificate of the mesh's own, which somebody hands to the controller.
  if ([...annotations.keys()].some((key) => /proxy-ssl-secret|serverstransport/.test(key))) return undefined;
  const meshed = annotations.get(`${NGINX}/service-upstream`) === 'true';
  const nginx = classes.some(({ controller }) => controller === 'ingress-nginx') || (classes.length === 0 && named === 'nginx');
  const bare = call.from.filter(({ plane }) => plane === 'none');
  if (bare.length > 0)
    return strictFault(model, call, strict, `${bare[0]?.name} of namespace ${bare[0]?.namespace} has no sidecar`);
  if (call.from.length > 0) {
    if (call.from.some(({ plane }) => plane !== 'sidecar') || !nginx) return undefined;
    const missing = ['service-upstream', 'upstream-vhost'].filter((key) => !annotations.has(`${NGINX}/${key}`));
    if (missing.length === 0) return undefined;
    return {
      at: spotOf(object, ['metadata', 'annotations']),
      severity: 'warning',
      message: `the controller has a sidecar, and ${missing.map((one) => `${NGINX}/${one}`).join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing: it calls pods by addresses that the sidecar does not know`,
      hint: `add ${NGINX}/service-upstream: "true" and ${NGINX}/upstream-vhost: ${call.host}`,
    };
  }
  if (meshed || (!nginx && named === undefined)) return undefined;
  const fault = strictFault(model, call, strict, `the controller of class ${named ?? ''} is not known to have a sidecar`);
  return nginx ? fault : { ...fault, severity: 'warning' };
}

function strictFault(model: Model, call: IngressCall, pods: Pods, why: string): Fault {
  const port = containerPort(call.service, call.port, pods);
  // One policy is one cause, whatever the number of hosts.
  const policy = port === undefined ? undefined : reachOf(model).mtls(pods, port).at?.object.id;
  return {
    at: call.at,
    message: `${call.service.id} leads to ${pods.name}, which takes nothing but mutual TLS (STRICT), and ${why}`,
    hint: 'publish the host at Istio’s gateway, or make the port PERMISSIVE with portLevelMtls',
    cause: `ingress to strict ${policy ?? call.route.object.id}`,
  };
}
