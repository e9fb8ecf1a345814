import { Construct } from 'constructs';
import type { Distribution } from '../../kit/collector-components.ts';
import { releaseOptions } from '../../kit/helm/release-options.ts';
import { HelmRelease, type JsonObject, type ReleaseOptions, repositories } from '../../kit/index.ts';
import { type PodResources, resourceValues } from '../../kit/quantity.ts';

/** Options of {@link OpenTelemetryOperator}. */
export interface OpenTelemetryOperatorProps extends ReleaseOptions {
  /**
   * Who makes the certificate that the API server trusts when it calls the operator's webhooks: Helm, anew at each upgrade and for
   * ten years; or cert-manager, whose release is then ready first.
   *
   * @default 'generated'
   */
  readonly webhookCertificate?: 'generated' | { readonly certManager: { readonly release: HelmRelease } };
  /** The image of collectors whose resource names none. A `Collector` always names its own. @default the chart's, 'k8s' */
  readonly collectorImage?: Distribution;
  /**
   * Who gives a collector its rights at the API server: whoever writes the collector, as a `Collector` does; or the operator, which must
   * then hold the right to write ClusterRoles, and to grant what collectors may ask for.
   *
   * @default 'by-collector'
   */
  readonly collectorRights?: 'by-collector' | 'by-operator';
  /** What it may instrument besides Java, Node.js, Python, .NET and Apache: Go, from a privileged container beside the app. @default nothing */
  readonly instruments?: readonly ['go'];
  /** Kubernetes quantities. @default 10m CPU, 128Mi memory requested, 512Mi limit */
  readonly resources?: PodResources;
}

/**
 * The OpenTelemetry operator (0.158) by its chart: it makes collectors of OpenTelemetryCollector resources, and instruments the pods that
 * ask for it as an `Instrumentation` says.
 *
 * The chart brings the kinds, so what uses them stands in a later layer. For a while after an upgrade with a generated certificate the API
 * server may not reach the webhooks: resources applied then are refused, and Flux tries again.
 *
 * Values by the chart's values.yaml, of which the version of operator 0.156 was seen. It has no `kubeRBACProxy` any more: the operator
 * guards its metrics itself.
 *
 * @example
 * const operator = new OpenTelemetryOperator(operators, 'opentelemetry-operator', { webhookCertificate: { certManager } });
 */
export class OpenTelemetryOperator extends Construct {
  /** For a release that comes after this one. */
  readonly release: HelmRelease;

  /** @throws UserError when the version is no semantic version, or more memory is requested than the limit */
  constructor(scope: Construct, id: string, props: OpenTelemetryOperatorProps = {}) {
    super(scope, id);
    const { webhookCertificate = 'generated' } = props;
    const { after = [], ...release } = releaseOptions(props);
    this.release = new HelmRelease(this, 'release', {
      chart: 'opentelemetry-operator',
      name: 'opentelemetry-operator',
      values: operatorValues(props, this.node.path),
      ...release,
      after: [...(webhookCertificate === 'generated' ? [] : [webhookCertificate.certManager.release]), ...after],
    });
  }
}

function operatorValues(props: OpenTelemetryOperatorProps, path: string): JsonObject {
  const {
    webhookCertificate = 'generated',
    collectorImage,
    collectorRights = 'by-collector',
    instruments = [],
    resources = { cpu: '10m', memory: '128Mi', memoryLimit: '512Mi' },
  } = props;
  const generated = webhookCertificate === 'generated';
  return {
    manager: {
      ...(collectorImage === undefined ? {} : { collectorImage: { repository: repositoryOf(collectorImage) } }),
      ...(collectorRights === 'by-operator' ? { createRbacPermissions: true } : {}),
      ...(instruments.length > 0 ? { autoInstrumentation: { go: { enabled: true } } } : {}),
      resources: resourceValues(resources, path),
      // The operator is no part of the mesh, and the API server calls its webhooks with a certificate of its own.
      podLabels: { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' },
    },
    admissionWebhooks: {
      // The chart takes cert-manager's before its own whenever both are on.
      certManager: { enabled: !generated },
      // The chart's own 365 days would run out on a release that nobody changes: Flux upgrades it only when its manifests change.
      autoGenerateCert: generated ? { enabled: true, certPeriodDays: 3650 } : { enabled: false },
    },
  };
}

function repositoryOf(distribution: Distribution): string {
  return distribution === 'core' ? repositories.collector : `${repositories.collector}-${distribution}`;
}
