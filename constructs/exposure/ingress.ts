import { k8s } from 'cdk8s-plus-27';
import { Construct, type IConstruct } from 'constructs';
import type { Exposed, IngressPods, MeshLike, PathMatch, Published } from '../kit/capabilities.ts';
import { clusterScoped } from '../kit/cluster-scoped.ts';
import { checkDnsSubdomain } from '../kit/layer.ts';
import { stackOrVariant } from '../kit/stack-of.ts';
import { UserError } from '../kit/user-error.ts';
import { certificateFor } from './certificates/certificate.ts';
import { objectName } from './object-name.ts';
import { tooEarly } from './order.ts';
import { exposed, Hosts, type PublishOptions, plaintextRule, routesOf, serviceOf, told } from './pages.ts';

/** Options of an {@link IstioIngress}: the mesh whose ingress pods serve it, or gateway pods that run already. */
export type IstioIngressProps = {
  /** The name of an IngressClass of controller `istio.io/ingress-controller` that is there already. @default 'istio', made here */
  readonly ingressClass?: string;
} & (
  | {
      /** Its install must bring ingress pods. */
      readonly mesh: MeshLike;
      readonly pods?: never;
      readonly autoMtls?: never;
    }
  | {
      /** Gateway pods that somebody else runs; those that the mesh config's `ingressSelector` names. */
      readonly pods: IngressPods;
      /** Whether their mesh has `enableAutoMtls` on. @default true, as in Istio */
      readonly autoMtls?: boolean;
      readonly mesh?: never;
    }
);

/** Where an IngressClass stands already: by stack, and by variant layer. */
const classMadeIn = new WeakSet<IConstruct>();

/**
 * The way into the mesh by plain Kubernetes Ingress objects, through Istio's ingress gateway pods.
 *
 * istiod passes over an Ingress whose class it cannot look up (Istio 1.30, `ingressControllerMode: STRICT`), and no chart brings an
 * IngressClass: so one named `istio` is made here, once in a stack. Each published page gets an Ingress `NAME` in the namespace of its
 * Service, as an Ingress reaches no other; `NAME-ID` where another way in of the stack has one there already. Nothing but host, path and
 * certificate can be said in it: for all else use the other two forms.
 * Its TLS Secret does not lie beside the Ingress, but where the gateway's pods are, where alone they find it (Istio 1.30, an Ingress becomes
 * a Gateway with this credentialName).
 */
export class IstioIngress extends Construct {
  private readonly pods: IngressPods;
  private readonly plaintextRules: boolean;
  /** The class of its Ingress objects: what ACME's HTTP-01 wants to know of it. */
  readonly ingressClass: string;
  private readonly hosts = new Hosts(this);

  /** @throws UserError when the mesh's install brings no ingress pods, or pods that Istio would not serve an Ingress with */
  constructor(scope: Construct, id: string, props: IstioIngressProps) {
    super(scope, id);
    const { ingressClass } = props;
    this.pods = props.mesh ? podsOf(props.mesh, this.node.path) : props.pods;
    this.plaintextRules = props.mesh ? props.mesh.needsPlaintextRules : props.autoMtls === false;
    // istiod serves every Ingress at port 80 of the gateway, whatever the Service's other ports are.
    if (this.pods.service.port !== 80) {
      throw new UserError(
        `gateway pods of '${this.node.path}' are reached at port ${this.pods.service.port}: istio serves an Ingress at port 80 alone, use IstioGateway`,
      );
    }
    this.ingressClass = ingressClass ?? 'istio';
    if (ingressClass === undefined) this.makeClass();
    else checkDnsSubdomain(ingressClass, `ingressClass of '${this.node.path}'`);
  }

  /**
   * Lets a page in under a host's name.
   *
   * A prefix takes whole segments here: `/static` takes `/static/a`, not `/statics` (Kubernetes 1.33, pathType Prefix).
   *
   * Plain requests are never sent to https: an Ingress cannot say so, and Istio takes no annotation for it.
   *
   * @param published a construct with a page: Bookinfo, Grafana, Kiali, or your own `{ page }`
   * @throws UserError when the host is malformed or taken, the page is published already, its name is no DNS label, its address is not a
   * plain HTTP Service of this cluster, it answers nothing at the path, no certificate can be had, or a redirect is asked for; at synth when
   * nothing says that the namespaces of page and certificate and its issuer are there first
   */
  publish(published: Published, options: PublishOptions): Exposed {
    const { page } = published;
    const { host, path, tls } = options;
    const service = serviceOf(page, this.node.path);
    const { namespace } = service;
    const routes = routesOf(page, path, this.node.path) ?? [{ prefix: '/' }];
    if (tls?.redirect === 'on') {
      throw new UserError(
        `host '${host}' published by '${this.node.path}' cannot be redirected to https: istio has no redirect for an Ingress. ` +
          `Leave redirect out, or take IstioGateway or GatewayApiGateway`,
      );
    }
    this.hosts.add({ what: 'page', name: page.name, host });
    const at = new Construct(this, page.name);
    at.node.addValidation({ validate: () => tooEarly(at, namespace) });
    const backend = { service: { name: service.name, port: { number: page.endpoint.port } } };
    const secretName = tls && certificateFor(at, tls, { host, namespace: this.pods.namespace });
    new k8s.KubeIngress(at, 'ingress', {
      metadata: { name: objectName(this, 'Ingress', namespace, page.name), namespace },
      spec: {
        ingressClassName: this.ingressClass,
        ...(secretName === undefined ? {} : { tls: [{ ...(host === '*' ? {} : { hosts: [host] }), secretName }] }),
        rules: [{ ...(host === '*' ? {} : { host }), http: { paths: routes.map((one) => ({ ...pathOf(one), backend })) } }],
      },
    });
    if (this.plaintextRules && page.sidecar === 'never') plaintextRule(at, page, namespace);
    return told(this, page, exposed(page, options, this.pods, 'off'));
  }

  private makeClass(): void {
    const place = stackOrVariant(this);
    if (classMadeIn.has(place)) return;
    classMadeIn.add(place);
    clusterScoped(
      new k8s.KubeIngressClass(this, 'class', {
        metadata: { name: this.ingressClass },
        spec: { controller: 'istio.io/ingress-controller' },
      }),
    );
  }
}

function podsOf({ ingress }: MeshLike, path: string): IngressPods {
  if (!ingress) {
    throw new UserError(
      `ingress '${path}' has no pods: the mesh's install brings no ingress gateway. Install by istioctl with the profile 'default' or 'demo', ` +
        `or make a GatewayRelease and pass its pods, { pods: gateway.pods }, or pods that run already, { pods: { selector, namespace, service } }, instead of { mesh }`,
    );
  }
  if (ingress.selector.istio !== 'ingressgateway') {
    throw new UserError(
      `ingress '${path}' would not reach the mesh's gateway pods: istio serves Ingress objects with pods labelled istio=ingressgateway; ` +
        `with 'ingressSelector' in the mesh config pass the pods it names: { pods: { selector, namespace, service } } instead of { mesh }`,
    );
  }
  return ingress;
}

function pathOf(path: PathMatch) {
  return 'exact' in path ? { path: path.exact, pathType: 'Exact' } : { path: path.prefix, pathType: 'Prefix' };
}
