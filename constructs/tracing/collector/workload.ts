import type { Construct } from 'constructs';
import { ConfigFiles, MeshService, type ServicePort, Workload } from '../../kit/index.ts';
import type { CollectorConfig } from './config.ts';
import { healthPort, ownMetricsPort } from './pipeline.ts';
import { type CollectorReceives, receiverPorts } from './receivers.ts';
import { spanMetricsPort } from './span-metrics.ts';
import type { RunningTier, Tier } from './tier.ts';

/** Runs a tier as a Deployment with its ConfigMap, Service, ServiceAccount and rights. */
export function runWorkload(scope: Construct, tier: Tier): RunningTier {
  const { name, image, resources, mounts } = tier;
  const config = new ConfigFiles(scope, 'config', {
    name,
    labels: { app: name },
    files: { 'config.yaml': configFile(tier.config) },
  });
  const listens = tier.receive.map((protocol) => receiverPorts[protocol]);
  const workload = new Workload(scope, 'workload', {
    name,
    version: image.version,
    image: image.image,
    user: 10001,
    args: ['--config=/etc/otelcol/config.yaml'],
    env: tier.env,
    replicas: tier.replicas,
    resources,
    sidecar: tier.sidecar,
    ...(tier.access.length > 0 ? { access: tier.access } : {}),
    mounts: [{ at: '/etc/otelcol', files: config }, ...mounts],
    ports: [
      ...listens.map(({ name, port, appProtocol }) =>
        appProtocol === 'udp' ? { name, port, transport: 'UDP' as const } : { name, port },
      ),
      { name: 'http-metrics', port: ownMetricsPort },
      ...(tier.scrapesSpans ? [{ name: 'http-from-spans', port: spanMetricsPort }] : []),
    ],
    readiness: { get: '/', port: healthPort, period: 5 },
    liveness: { get: '/', port: healthPort, delay: 10 },
  });
  const metrics: ServicePort = { name: 'http-metrics', port: ownMetricsPort, appProtocol: 'http' };
  const fromSpans: ServicePort = { name: 'http-from-spans', port: spanMetricsPort, appProtocol: 'http' };
  const service = new MeshService(scope, 'service', {
    name,
    selector: workload.selector,
    labels: workload.selector,
    headless: tier.headless,
    ports: [
      metrics,
      ...listens.map(({ name, port, appProtocol }) => ({ name, port, appProtocol })),
      ...(tier.scrapesSpans ? [fromSpans] : []),
    ],
  });
  const job = { by: 'service', namespace: workload.namespace, service: name, labels: workload.selector } as const;
  return {
    object: workload.deployment,
    jobs: [
      { ...job, job: `${workload.namespace}/${name}`, port: metrics.name },
      ...(tier.scrapesSpans ? [{ ...job, job: `${workload.namespace}/${name}-from-spans`, port: fromSpans.name }] : []),
    ],
    receiver: <P extends CollectorReceives>(protocol: P) =>
      service.endpoint(receiverPorts[protocol].name, protocol, receiverPorts[protocol].path),
    get everyPod() {
      return service.endpoint(receiverPorts['otlp-grpc'].name, 'otlp-grpc');
    },
  };
}

/** A configuration without what is empty. */
export function configFile({ receivers, processors, exporters, connectors, extensions, service }: CollectorConfig): object {
  const made = Object.keys(connectors).length > 0 ? { connectors } : {};
  return { receivers, processors, exporters, ...made, extensions, service };
}
