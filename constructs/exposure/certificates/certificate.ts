import { Chart } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { Certificate } from '../../../imports/cert-manager.io.ts';
import { checkDnsSubdomain } from '../../kit/layer.ts';
import { stackOrVariant } from '../../kit/stack-of.ts';
import { UserError } from '../../kit/user-error.ts';
import { afterHint, orderOf, tooEarly } from '../order.ts';
import { CertManager } from './cert-manager.ts';
import { checkDuration } from './duration.ts';
import type { IssuerReference, TlsOptions } from './tls.ts';

/** A certificate that a stack has made. */
interface Made {
  readonly host: string;
  readonly issuer: IssuerReference;
  readonly duration: string | undefined;
  readonly by: string;
}

/** Certificates by namespace and name: of each stack, and of each variant layer. */
const madeIn = new WeakMap<IConstruct, Map<string, Made>>();

/**
 * The Secret that holds a host's certificate: the one that was named, or that of a Certificate made here (`HOST-tls`, dots as dashes).
 * The same host published side by side in one namespace shares one.
 *
 * @param scope the published page's construct; at synth its layer must come after the issuer's
 * @param namespace where whoever ends TLS looks for the Secret
 * @throws UserError when no certificate can be had for the host, the issuer signs none in that namespace, or another one is there already
 */
export function certificateFor(
  scope: Construct,
  tls: TlsOptions,
  { host, namespace }: { host: string; namespace: string },
): string {
  const { path } = scope.node;
  if (tls.secret !== undefined) {
    checkDnsSubdomain(tls.secret, `tls.secret of '${path}'`);
    return tls.secret;
  }
  const { issuer, duration } = tls;
  checkIssuer(issuer, host, namespace, path);
  if (duration !== undefined) checkDuration(duration, `certificate of host '${host}' published by '${path}'`);
  const name = `${host.replace('*', 'any').replaceAll('.', '-')}-tls`;
  const made = certificatesOf(scope);
  const key = `${namespace}/${name}`;
  const there = made.get(key);
  if (there) {
    if (
      there.host === host &&
      there.issuer.kind === issuer.kind &&
      there.issuer.name === issuer.name &&
      there.duration === duration
    )
      return name;
    throw new UserError(
      `certificate '${name}' of namespace '${namespace}' is there already: '${there.by}' made it for host '${there.host}' by ${issuerText(there)}, ` +
        `so '${path}' cannot make one for '${host}' by ${issuerText({ issuer, duration })}: say the same of both, or give one the Secret of the other`,
    );
  }
  made.set(key, { host, issuer, duration, by: path });
  const at = new Construct(scope, 'tls');
  at.node.addValidation({ validate: () => [...tooEarly(at, namespace, 'Certificate'), ...tooLate(at, issuer)] });
  new Certificate(at, 'certificate', {
    metadata: { name, namespace },
    spec: {
      secretName: name,
      dnsNames: [host],
      ...(duration === undefined ? {} : { duration }),
      issuerRef: { name: issuer.name, kind: issuer.kind, group: 'cert-manager.io' },
    },
  });
  return name;
}

function checkIssuer(
  { kind, name, namespace: own, challenge }: IssuerReference,
  host: string,
  namespace: string,
  path: string,
): void {
  if (host === '*') {
    throw new UserError(
      `host '*' published by '${path}' can have no certificate: name the host, 'shop.mesh.test' or '*.mesh.test', or give a Secret that is there: tls: { secret }`,
    );
  }
  // RFC 8555, section 7.1.3 and the CA/Browser Forum: a wildcard is shown to be yours by DNS alone.
  if (host.startsWith('*') && challenge === 'http01') {
    throw new UserError(
      `wildcard '${host}' published by '${path}' gets no certificate from ${kind} '${name}', which asks by HTTP-01: ` +
        `name the host, or take an issuer that asks by DNS-01 or not at all`,
    );
  }
  if (own !== undefined && own !== namespace) {
    throw new UserError(
      `Issuer '${name}' signs in namespace '${own}' alone, but the certificate of '${host}' published by '${path}' must lie in '${namespace}': ` +
        `give the CertificateIssuer the scope 'cluster', or make one in '${namespace}'`,
    );
  }
}

function certificatesOf(scope: Construct): Map<string, Made> {
  const place = stackOrVariant(scope);
  const made = madeIn.get(place) ?? new Map<string, Made>();
  madeIn.set(place, made);
  return made;
}

function issuerText({ issuer: { kind, name }, duration }: Pick<Made, 'issuer' | 'duration'>): string {
  return `${kind} '${name}'${duration === undefined ? '' : ` for ${duration}`}`;
}

/** Issuer and CRD must be there; those of another stack, or of another team, are believed to be. */
function tooLate(scope: Construct, issuer: IssuerReference): string[] {
  const { path } = scope.node;
  const manager = CertManager.of(scope);
  if (Construct.isConstruct(issuer) && orderOf(issuer, scope) === 'unsaid') {
    return [
      `'${path}' wants a certificate of ${issuer.kind} '${issuer.name}', which layer '${Chart.of(issuer).node.path}' makes: ` +
        `say that it comes first, ${afterHint(issuer, scope)}`,
    ];
  }
  if (!manager || orderOf(manager, scope) === 'before') return [];
  return [
    `'${path}' makes a Certificate, whose CRD '${manager.node.path}' brings: put it into a later layer, ${afterHint(manager, scope)}`,
  ];
}
