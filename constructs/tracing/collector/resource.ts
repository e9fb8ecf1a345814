import type { Construct } from 'constructs';
import * as crd from '../../../imports/opentelemetry.io.ts';
import { checkDnsLabel, Endpoint, namespaceOf, type ScrapeJob } from '../../kit/index.ts';
import { volumeMount, volumes } from '../../kit/mounts.ts';
import { checkPinned, envVar } from '../../kit/pod.ts';
import { checkMemory } from '../../kit/quantity.ts';
import { grant } from '../../kit/workload.ts';
import type { CollectorConfig } from './config.ts';
import { type CollectorReceives, receiverPorts } from './receivers.ts';
import { spanMetricsPort } from './span-metrics.ts';
import type { RunningTier, Tier } from './tier.ts';

/**
 * Hands a tier to the OpenTelemetry operator (0.158): one OpenTelemetryCollector, from which it makes Deployment, ConfigMap,
 * ServiceAccount and the Services `NAME-collector`, `NAME-collector-headless` and `NAME-collector-monitoring`, and reads the receivers'
 * ports and the probes from the configuration.
 *
 * @throws UserError when the name is too long for these Services, the image is not pinned, or more memory is requested than the limit
 */
export function runResource(scope: Construct, tier: Tier): RunningTier {
  const { name, image, mounts } = tier;
  const namespace = namespaceOf(scope);
  const made = `${name}-collector`;
  // The operator shortens a name that is too long, and no address made of it would lead there.
  checkDnsLabel(`${made}-monitoring`, `name of a Service that the operator makes for '${scope.node.path}'`);
  checkPinned(image.image, scope.node.path);
  checkMemory(tier.resources, scope.node.path);
  // The operator may lack the right to give rights; its ServiceAccount's name is known.
  if (tier.access.length > 0) grant(scope, made, namespace, tier.access);
  const object = new crd.OpenTelemetryCollector(scope, 'collector', {
    // The operator puts the resource's labels on the pods.
    metadata: { name, namespace, labels: sidecarLabels(tier.sidecar) },
    spec: {
      mode: crd.OpenTelemetryCollectorSpecMode.DEPLOYMENT,
      // The manifests say the version: an operator's upgrade would rewrite them in the cluster only.
      upgradeStrategy: crd.OpenTelemetryCollectorSpecUpgradeStrategy.NONE,
      image: image.image,
      replicas: tier.replicas,
      resources: resources(tier),
      env: Object.entries(tier.env).map(([key, value]) => envVar(key, value, scope.node.path)),
      podAnnotations: { 'sidecar.istio.io/inject': tier.sidecar === 'always' ? 'true' : 'false' },
      podSecurityContext: {
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        fsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
      ...(mounts.length > 0 ? { volumes: volumes(mounts, scope.node.path), volumeMounts: mounts.map(volumeMount) } : {}),
      ...(tier.scrapesSpans ? { ports: [{ name: 'prometheus', port: spanMetricsPort, appProtocol: 'http' }] } : {}),
      config: resourceConfig(tier.config),
    },
  });
  const ports = tier.receive.map((protocol) => ({
    name: receiverPorts[protocol].operatorName,
    port: receiverPorts[protocol].port,
  }));
  const service = { name: made, metadata: { namespace }, ports };
  return {
    object,
    jobs: [
      scrapeJob(`${namespace}/${name}`, { namespace, service: `${made}-monitoring`, type: 'monitoring', port: 'monitoring' }),
      ...(tier.scrapesSpans
        ? [scrapeJob(`${namespace}/${name}-from-spans`, { namespace, service: made, type: 'base', port: 'prometheus' })]
        : []),
    ],
    receiver: <P extends CollectorReceives>(protocol: P) =>
      Endpoint.ofService(service, receiverPorts[protocol].port, protocol, receiverPorts[protocol].path),
    get everyPod() {
      return Endpoint.ofService({ ...service, name: `${made}-headless` }, receiverPorts['otlp-grpc'].port, 'otlp-grpc');
    },
  };
}

interface OperatorService {
  readonly namespace: string;
  readonly service: string;
  readonly port: string;
  /** What tells the Services of one collector apart: the headless one has all other labels of the first (operator 0.158). */
  readonly type: 'base' | 'monitoring';
}

function scrapeJob(job: string, { type, ...where }: OperatorService): ScrapeJob {
  const labels = { 'app.kubernetes.io/name': where.service, 'operator.opentelemetry.io/collector-service-type': type };
  return { by: 'service', job, ...where, labels };
}

function sidecarLabels(sidecar: Tier['sidecar']): Record<string, string> {
  if (sidecar === 'always') return { 'sidecar.istio.io/inject': 'true' };
  return { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' };
}

function resources({ resources: { cpu, memory, memoryLimit } }: Tier): crd.OpenTelemetryCollectorSpecResources {
  const request = crd.OpenTelemetryCollectorSpecResourcesRequests.fromString;
  return {
    requests: { cpu: request(cpu), memory: request(memory) },
    limits: { memory: crd.OpenTelemetryCollectorSpecResourcesLimits.fromString(memoryLimit) },
  };
}

function resourceConfig(config: CollectorConfig): crd.OpenTelemetryCollectorSpecConfig {
  const { extensions, telemetry, pipelines } = config.service;
  return {
    receivers: config.receivers,
    processors: config.processors,
    exporters: config.exporters,
    ...(Object.keys(config.connectors).length > 0 ? { connectors: config.connectors } : {}),
    extensions: config.extensions,
    service: {
      extensions: [...extensions],
      telemetry,
      pipelines: Object.fromEntries(
        Object.entries(pipelines).map(([name, p]) => [
          name,
          { receivers: [...p.receivers], processors: [...p.processors], exporters: [...p.exporters] },
        ]),
      ),
    },
  };
}
