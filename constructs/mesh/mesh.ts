import { Construct } from 'constructs';
import { PeerAuthentication, PeerAuthenticationSpecMtlsMode } from '../../imports/security.istio.io.ts';
import {
  checkDnsLabel,
  type IngressPods,
  istioHub,
  type JsonObject,
  type Layer,
  MeshClaim,
  type MeshLike,
  namespaceOf,
  type Scraped,
  type ScrapeJob,
  StackFile,
  UserError,
  versions,
} from '../kit/index.ts';
import { defaultEnrolment, type Enrolment, enroll } from './enrolment.ts';
import { type Install, ingressOf } from './install.ts';
import { meshConfig, tracingParts } from './mesh-config.ts';
import { type AccessLog, type MetricOverride, telemetryObject } from './telemetry.ts';
import { checkSampling, type Tracing } from './tracing.ts';

/** Options of a {@link Mesh}. */
export interface MeshProps {
  /** Who puts Istio into the cluster. @default istioctl, profile `default` */
  readonly install?: Install;
  /** Where the spans go. @default nowhere: Istio sends none by itself (since 1.22) */
  readonly tracing?: Tracing;
  /** `strict` refuses plain text to pods of the mesh, mesh-wide. @default Istio's: both are taken */
  readonly mtls?: 'strict' | 'permissive';
  /** Whether proxies use mutual TLS by themselves wherever the other side can. @default 'on' */
  readonly autoMtls?: 'on' | 'off';
  /** What happens to requests that leave for hosts the mesh does not know. @default Istio's 'allow-any' */
  readonly outboundTraffic?: 'allow-any' | 'registry-only';
  /** @default Istio's: no access log */
  readonly accessLog?: AccessLog;
  /** Changes to the standard metrics, mesh-wide. @default none */
  readonly metrics?: readonly MetricOverride[];
  /** More mesh config, as Istio's reference spells it: each key replaces what the options above made of it. Checked at synth. @default none */
  readonly meshConfig?: JsonObject;
}

/**
 * An Istio mesh: one mesh config, installed one of several ways, with the mesh-wide Telemetry and mutual TLS beside it.
 *
 * Its layer's namespace is the mesh's root namespace (`istio-system` by custom).
 */
export class Mesh extends Construct implements MeshLike, Scraped {
  readonly rootNamespace: string;
  readonly ingress: IngressPods | undefined;
  readonly needsPlaintextRules: boolean;
  readonly samplingPercent: number | undefined;
  /** The provider that Telemetry objects name; undefined without tracing, or with legacy tracing. */
  readonly tracingProvider: string | undefined;
  /** The mesh config as Istio reads it. */
  readonly config: JsonObject;
  private readonly install: Install;

  /** @throws UserError when an option is out of range or contradicts another */
  constructor(scope: Construct, id: string, props: MeshProps = {}) {
    super(scope, id);
    const { tracing, mtls, autoMtls = 'on', accessLog, metrics, outboundTraffic, meshConfig: more = {} } = props;
    this.install = props.install ?? { by: 'istioctl' };
    this.rootNamespace = namespaceOf(this);
    if (this.install.revision !== undefined) checkDnsLabel(this.install.revision, `revision of '${this.node.path}'`);
    checkSampling(tracing?.samplingPercent, this.node.path);
    if (tracing?.legacy && tracing.samplingPercent === 0) {
      throw new UserError(
        `legacy tracing of '${this.node.path}' cannot sample 0 percent, istio reads 0 as unset: leave tracing out, or use 'tracing: { to, samplingPercent: 0 }'`,
      );
    }
    const { provider, legacy } = tracingParts(tracing, this.node.path);
    this.config = meshConfig({ provider, legacy, autoMtls, outboundTraffic, more });
    this.ingress = ingressOf(this.install, this.rootNamespace);
    this.needsPlaintextRules = autoMtls === 'off';
    this.tracingProvider = provider?.name;
    this.samplingPercent = tracing && (tracing.samplingPercent ?? 1);

    this.writeInstall();
    const share = tracing?.samplingPercent;
    if (provider || accessLog || metrics?.length) {
      telemetryObject(
        this,
        'mesh-default',
        {
          ...(provider ? { tracing: share === undefined ? {} : { samplingPercent: share } } : {}),
          ...(accessLog ? { accessLog } : {}),
          ...(metrics ? { metrics } : {}),
        },
        provider?.name,
      );
    }
    if (mtls) {
      new PeerAuthentication(this, 'mtls', {
        metadata: { name: 'default', namespace: this.rootNamespace },
        spec: {
          mtls: { mode: mtls === 'strict' ? PeerAuthenticationSpecMtlsMode.STRICT : PeerAuthenticationSpecMtlsMode.PERMISSIVE },
        },
      });
    }
  }

  /**
   * Lets a layer's namespace join the mesh.
   *
   * @param how one way; follows from the install when left out: ambient, its revision, or injection by the default revision
   * @throws UserError when the namespace is enrolled another way already, or nobody here creates it
   */
  enroll(layer: Layer, how: Enrolment = defaultEnrolment(this.install)): void {
    enroll(layer, how, this.install);
  }

  /** istiod's own metrics, and every pod that asks to be scraped: injected proxies do. */
  get scrapeJobs(): readonly ScrapeJob[] {
    const { revision } = this.install;
    const service = revision && revision !== 'default' ? `istiod-${revision}` : 'istiod';
    return [
      { by: 'service', job: 'istiod', namespace: this.rootNamespace, service, port: 'http-monitoring' },
      { by: 'pod-annotations', job: 'kubernetes-pods' },
    ];
  }

  private writeInstall(): void {
    const { install } = this;
    if (install.by === 'existing') {
      new MeshClaim(this, 'claim', () => this.config);
      return;
    }
    new StackFile(this, 'istio-operator', {
      path: 'istioctl/istio-operator.yaml',
      content: () => ({
        apiVersion: 'install.istio.io/v1alpha1',
        kind: 'IstioOperator',
        metadata: { name: 'mesh-default', namespace: this.rootNamespace },
        spec: {
          profile: install.profile ?? 'default',
          hub: install.hub ?? istioHub,
          tag: install.version ?? versions.istio,
          ...(install.revision ? { revision: install.revision } : {}),
          ...(this.rootNamespace === 'istio-system'
            ? {}
            : { namespace: this.rootNamespace, values: { global: { istioNamespace: this.rootNamespace } } }),
          meshConfig: this.config,
        },
      }),
    });
  }
}
