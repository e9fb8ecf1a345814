import { Construct } from 'constructs';
import { PeerAuthentication, PeerAuthenticationSpecMtlsMode } from '../../imports/security.istio.io.ts';
import {
  type Endpoint,
  type EnvoyTraceProtocol,
  type HelmRelease,
  type IngressPods,
  type JsonObject,
  type Layer,
  MeshClaim,
  type MeshLike,
  namespaceOf,
  type Scraped,
  type ScrapeJob,
  UserError,
  type Watched,
} from '../kit/index.ts';
import {
  type AccessLogProvider,
  type AccessLogSink,
  accessLogProvider,
  builtInAccessLog,
  type MeshAccessLog,
  wantsProvider,
} from './access-log.ts';
import { defaultEnrolment, type Enrolment, enroll } from './enrolment.ts';
import { checkTemplates, type InjectionTemplates, templateValues } from './injection-templates.ts';
import { checkInstall } from './install/check.ts';
import { installByHelm } from './install/helm.ts';
import { defaultSamplingOf, egressOf, type Install, ingressOf, isAmbient, revisionOf } from './install/install.ts';
import { installByIstioctl } from './install/istioctl.ts';
import { installBySail } from './install/sail.ts';
import { meshConfig, tracingParts } from './mesh-config.ts';
import type { MetricOverride } from './metrics.ts';
import { applySampling, checkSampling } from './sampling.ts';
import { checkHead, type SpanSettings } from './spans.ts';
import { sayOfTelemetry } from './telemetry-object.ts';
import type { Tracing } from './tracing.ts';

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
  /** What the spans carry, mesh-wide. @default Istio's own tags */
  readonly spans?: SpanSettings;
  /** Which requests are logged, where to and how, mesh-wide. @default Istio's: no access log */
  readonly accessLog?: MeshAccessLog;
  /** Changes to the standard metrics, mesh-wide. @default none */
  readonly metrics?: readonly MetricOverride[];
  /** How often metrics of open TCP connections are told, in whole seconds. @default Istio's 5 */
  readonly reportingIntervalSeconds?: number;
  /**
   * Templates of your own for injected pods, by name: a pod asks for them with `sidecar: { templates: ['sidecar', NAME] }`.
   * Only where this program installs Istio. @default Istio's own alone
   */
  readonly injectionTemplates?: InjectionTemplates;
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
  /** The gateway pods that let traffic out, when the install brings some: the profile `demo` does. */
  readonly egress: IngressPods | undefined;
  readonly needsPlaintextRules: boolean;
  /** The head's share, mesh-wide: a collector's tail sampling may keep less of it. */
  readonly samplingPercent: number | undefined;
  /** The provider that Telemetry objects name; undefined without tracing, or with legacy tracing. */
  readonly tracingProvider: string | undefined;
  /** Where the proxies send spans; undefined without tracing. */
  readonly spansTo: Endpoint<EnvoyTraceProtocol> | undefined;
  /** The provider that access logs go to unless they say otherwise. */
  readonly accessLogProvider: string;
  /** What the release of a gateway waits for and is injected by. @internal */
  readonly injector: {
    readonly release: HelmRelease | undefined;
    readonly revision: string | undefined;
    readonly version: string | undefined;
    readonly layer: Layer | undefined;
  };
  private readonly install: Install;
  private readonly mtls: 'strict' | 'permissive' | undefined;
  private readonly templates: InjectionTemplates;
  private readonly accessLogs = new Map<string, JsonObject>();
  private readonly configNow: () => JsonObject;

  /** @throws UserError when an option is out of range or contradicts another */
  constructor(scope: Construct, id: string, props: MeshProps = {}) {
    super(scope, id);
    const { tracing, spans, mtls, autoMtls = 'on', accessLog, metrics, outboundTraffic, meshConfig: more = {} } = props;
    this.install = props.install ?? { by: 'istioctl' };
    this.mtls = mtls;
    this.rootNamespace = namespaceOf(this);
    checkInstall(this.install, this, this.rootNamespace);
    this.templates = props.injectionTemplates ?? {};
    checkTemplates(this.templates, this.install, this.node.path);
    const sampling = tracing?.sampling;
    const head = sampling ? sampling.head : tracing?.samplingPercent;
    checkHead(tracing?.samplingPercent, 'samplingPercent', this.node.path);
    if (tracing?.sampling) checkSampling(tracing.sampling, tracing.to, this.node.path);
    if (tracing?.legacy && tracing.samplingPercent === 0) {
      throw new UserError(
        `legacy tracing of '${this.node.path}' cannot sample 0 percent, istio reads 0 as unset: leave tracing out, or use 'tracing: { to, samplingPercent: 0 }'`,
      );
    }
    const { provider, legacy } = tracingParts(tracing, this.node.path);
    if (spans && !provider)
      throw new UserError(`mesh '${this.node.path}' sets spans, but has no tracing provider: give it 'tracing: { to: ... }'`);
    this.configNow = () =>
      meshConfig({ provider, legacy, accessLogs: [...this.accessLogs.values()], autoMtls, outboundTraffic, more });
    this.ingress = ingressOf(this.install, this.rootNamespace);
    this.egress = egressOf(this.install, this.rootNamespace);
    this.needsPlaintextRules = autoMtls === 'off';
    this.tracingProvider = provider?.name;
    this.spansTo = provider?.to ?? legacy?.legacy.zipkin.receiver('zipkin');
    this.accessLogProvider =
      accessLog && accessLog !== 'off' && wantsProvider(accessLog)
        ? this.addAccessLog('access-log', accessLog).accessLogProvider
        : builtInAccessLog;
    this.samplingPercent = tracing && (head === 'off' ? 0 : (head ?? defaultSamplingOf(this.install)));

    const inLayer = 'in' in this.install ? this.install : undefined;
    this.injector = {
      release: this.installIstio(),
      revision: revisionOf(this.install),
      version: inLayer?.version,
      layer: inLayer?.in,
    };
    const { reportingIntervalSeconds } = props;
    if (provider || accessLog || metrics?.length || reportingIntervalSeconds !== undefined) {
      sayOfTelemetry(
        this,
        { name: 'mesh-default', namespace: this.rootNamespace, widest: true },
        {
          tracing: provider && (head ?? 'default'),
          spans,
          accessLog: accessLog && { log: accessLog, provider: this.accessLogProvider },
          metrics: metrics?.length ? metrics : undefined,
          reportingIntervalSeconds,
        },
        provider?.name,
      );
    }
    if (sampling && provider) applySampling(this, sampling, provider.name, this.rootNamespace);
    if (mtls) {
      new PeerAuthentication(this, 'mtls', {
        metadata: { name: 'default', namespace: this.rootNamespace },
        spec: {
          mtls: { mode: mtls === 'strict' ? PeerAuthenticationSpecMtlsMode.STRICT : PeerAuthenticationSpecMtlsMode.PERMISSIVE },
        },
      });
    }
  }

  /** The mesh config as Istio reads it. */
  get config(): JsonObject {
    return this.configNow();
  }

  /**
   * Defines another place for access logs, for a Telemetry's `accessLog: { to }`. Nothing is written there by itself.
   *
   * @param name its name under `extensionProviders`
   * @throws UserError when the name is taken, or the format holds what is no command operator
   */
  addAccessLog(name: string, sink: AccessLogSink): AccessLogProvider {
    if ([builtInAccessLog, 'prometheus', 'stackdriver', this.tracingProvider].includes(name) || this.accessLogs.has(name))
      throw new UserError(`mesh '${this.node.path}' has a provider ${JSON.stringify(name)} already: give this one another name`);
    this.accessLogs.set(name, accessLogProvider(name, sink, this.node.path));
    return { accessLogProvider: name };
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
    const revision = revisionOf(this.install);
    const service = revision === undefined ? 'istiod' : `istiod-${revision}`;
    return [
      {
        by: 'service',
        job: 'istiod',
        namespace: this.rootNamespace,
        service,
        port: 'http-monitoring',
        // As Istio's own sample selects and calls it (Istio 1.30, samples/addons/extras/prometheus-operator.yaml).
        labels: { istio: 'pilot', ...(revision ? { 'istio.io/rev': revision } : {}) },
        jobLabel: 'istio',
        monitor: 'istio-component-monitor',
      },
      { by: 'pod-annotations', job: 'kubernetes-pods' },
    ];
  }

  get watched(): readonly Watched[] {
    const dataplane = isAmbient(this.install) ? 'ambient' : 'sidecar';
    return [
      {
        is: 'mesh',
        namespace: this.rootNamespace,
        dataplane,
        traced: this.spansTo !== undefined,
        ...(this.samplingPercent === undefined ? {} : { samplingPercent: this.samplingPercent }),
        ...(this.mtls ? { mtls: this.mtls } : {}),
      },
    ];
  }

  private installIstio(): HelmRelease | undefined {
    const { install, rootNamespace } = this;
    const content = { rootNamespace, config: () => this.config, templates: templateValues(this.templates) };
    if (install.by === 'helm') return installByHelm(this, install, content);
    if (install.by === 'sail') installBySail(this, install, content);
    else if (install.by === 'istioctl') installByIstioctl(this, install, content);
    else new MeshClaim(this, 'claim', content.config);
    return undefined;
  }
}
