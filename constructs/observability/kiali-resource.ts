import { Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import {
  Kiali as KialiObject,
  type KialiSpec,
  type KialiSpecAuthOpenid,
  type KialiSpecDeploymentIngress,
} from '../../imports/kiali.io.ts';
import { rememberAddress } from '../kit/browser-address.ts';
import { Endpoint, namespaceOf, type Page, type Published, UserError } from '../kit/index.ts';
import { checkDnsSubdomain } from '../kit/layer.ts';
import { kialiPath, kialiPorts, kialiSpec } from './kiali-config.ts';
import type { KialiOperator } from './kiali-operator.ts';
import type { KialiConfigProps, KialiStrategy } from './kiali-props.ts';

/** People log in at an identity provider (Kiali 2.29, auth.openid). */
export interface KialiOpenId {
  /** Where the provider tells of itself: 'https://sso.site.example/realms/mesh'. */
  readonly issuerUrl: string;
  /** How the provider knows Kiali. */
  readonly clientId: string;
  /** An existing Secret beside Kiali, whose key `oidc-secret` holds what the provider gave it. @default none: a public client */
  readonly clientSecret?: { readonly secret: string };
  /** What is asked of the provider. @default openid, profile and email */
  readonly scopes?: readonly ['openid', ...string[]];
  /** The claim that names the user to Kubernetes. @default 'sub' */
  readonly usernameClaim?: string;
  /**
   * With whose rights people see the mesh: each with the own ones, for which the API server must trust the same provider; or everybody
   * with those of Kiali.
   *
   * @default 'of-each-user'
   */
  readonly rights?: 'of-each-user' | 'of-kiali';
}

/**
 * Who gets in. You can pass one of:
 * - 'anonymous': everybody who reaches it, for a lab;
 * - 'token': who has a ServiceAccount's token, with that account's rights;
 * - 'openshift': who logs in at OpenShift;
 * - 'header': who comes through a proxy that says who it is, by the header `Authorization`;
 * - `{ openid }`: who logs in at an identity provider.
 */
export type KialiAuth = Exclude<KialiStrategy, 'openid'> | { readonly openid: KialiOpenId };

/** An Ingress that the operator makes: see {@link KialiResourceProps.ingress}. */
export interface KialiIngress {
  /** The IngressClass: 'nginx', 'traefik'. */
  readonly className: string;
  /** A DNS name. */
  readonly host: string;
}

/** Options of a {@link KialiResource}. */
export interface KialiResourceProps extends KialiConfigProps {
  /** Who gets in. The operator makes the key that signs the sessions. @default 'anonymous' */
  readonly auth?: KialiAuth;
  /**
   * An Ingress by the operator itself, path `/kiali`. An exposure's `publish` makes one of its own, by any way in and with TLS: use that
   * where there is one, and not both.
   *
   * @default none
   */
  readonly ingress?: KialiIngress;
  /** Whether the operator makes a NetworkPolicy that lets others reach Kiali's two ports only. @default 'on' */
  readonly networkPolicy?: 'on' | 'off';
  /** The operator of the same program that is to make it: then it is checked that it can. @default one that is there already */
  readonly operator?: KialiOperator;
}

/**
 * Kiali by its operator (kiali.io/v1alpha1, operator 2.29): one resource, from which the operator makes the server, its Service `kiali`
 * and its rights. The operator decides the server's version.
 */
export class KialiResource extends Construct implements Published {
  /** Its page, at `/kiali`. */
  readonly page: Page;

  /**
   * @throws UserError when the issuer is no URL, a name is malformed, or the operator does not look here or may not give the rights; and
   * what links say: see {@link KialiConfigProps}
   */
  constructor(scope: Construct, id: string, props: KialiResourceProps) {
    super(scope, id);
    const { auth = 'anonymous', ingress, networkPolicy = 'on', operator, viewOnly = true } = props;
    const namespace = namespaceOf(this);
    const where = this.node.path;
    if (operator) checkOperator(operator, namespace, viewOnly, where);
    const openid = typeof auth === 'string' ? undefined : auth.openid;
    const endpoint = Endpoint.external({
      protocol: 'http',
      host: `kiali.${namespace}.svc.cluster.local`,
      port: kialiPorts.http,
      path: kialiPath,
    });
    this.page = { name: 'kiali', endpoint, path: kialiPath, sidecar: 'never' };
    if (ingress) rememberAddress(this.page, { host: ingress.host, url: `http://${ingress.host}${kialiPath}` });
    props.dashboards?.linkTo?.(this.page);
    const whole = (): KialiSpec => {
      const spec = kialiSpec(props, typeof auth === 'string' ? auth : 'openid', { namespace, page: this.page, where });
      return {
        ...spec,
        ...(openid ? { auth: { ...spec.auth, openid: openIdSpec(openid, where) } } : {}),
        deployment: {
          ...spec.deployment,
          ...secretOf(openid, where),
          ...(ingress ? { ingress: ingressSpec(ingress, where) } : {}),
          ...(networkPolicy === 'off' ? { networkPolicy: { enabled: false } } : {}),
          podLabels: { 'sidecar.istio.io/inject': 'false' },
        },
      };
    };
    whole();
    new KialiObject(this, 'kiali', { metadata: { name: 'kiali', namespace }, spec: Lazy.any({ produce: whole }) });
  }
}

function checkOperator({ watches, rights, node }: KialiOperator, namespace: string, viewOnly: boolean, where: string): void {
  if (watches !== undefined && watches !== namespace) {
    throw new UserError(
      `kiali '${where}' stands in '${namespace}', but its operator '${node.path}' watches '${watches}' only: put it there, or let the operator watch every namespace`,
    );
  }
  if (!viewOnly && rights === 'view-only') {
    throw new UserError(
      `kiali '${where}' may change the mesh, but its operator '${node.path}' has only rights to look: give the operator rights: 'all'`,
    );
  }
}

function openIdSpec(openid: KialiOpenId, where: string): KialiSpecAuthOpenid {
  const { issuerUrl, clientId, scopes, usernameClaim, rights } = openid;
  if (!/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/.test(issuerUrl)) {
    throw new UserError(
      `issuerUrl of '${where}' is ${JSON.stringify(issuerUrl)}: allowed is a URL without query, 'https://sso.site.example/realms/mesh'`,
    );
  }
  if (clientId.trim() === '') throw new UserError(`clientId of '${where}' is empty: name the client that the provider knows`);
  return {
    clientId,
    issuerUri: issuerUrl,
    ...(scopes ? { scopes: [...scopes] } : {}),
    ...(usernameClaim === undefined ? {} : { usernameClaim }),
    ...(rights === 'of-kiali' ? { disableRbac: true } : {}),
  };
}

function secretOf(openid: KialiOpenId | undefined, where: string): NonNullable<KialiSpec['deployment']> {
  const secret = openid?.clientSecret?.secret;
  if (secret === undefined) return {};
  checkDnsSubdomain(secret, `clientSecret of '${where}'`);
  return { secretName: secret };
}

/** What the operator lays over its own Ingress replaces the whole of its spec. */
function ingressSpec({ className, host }: KialiIngress, where: string): KialiSpecDeploymentIngress {
  checkDnsSubdomain(className, `ingress class of '${where}'`);
  checkDnsSubdomain(host, `ingress host of '${where}'`);
  const backend = { service: { name: 'kiali', port: { number: kialiPorts.http } } };
  return {
    enabled: true,
    className,
    overrideYaml: {
      spec: {
        ingressClassName: className,
        rules: [{ host, http: { paths: [{ path: kialiPath, pathType: 'Prefix', backend }] } }],
      },
    },
  };
}
