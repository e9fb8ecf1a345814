import {
  CertManager,
  KialiOperator,
  KubePrometheusStack,
  Layer,
  MetalLb,
  OpenTelemetryOperator,
  type Stack,
} from '../../constructs/index.ts';
import { grafanaPassword } from './secrets.ts';
import type { PlatformSite } from './site.ts';

/** What brings the CRDs: charts alone, each in a layer of its own, none of which waits for another unless it must. */
export function controllers(stack: Stack, site: PlatformSite) {
  const certManagerLayer = new Layer(stack, 'cert-manager', { namespace: 'cert-manager' });
  const charts = {
    certManager: certManagerLayer,
    metallb: new Layer(stack, 'metallb', { namespace: 'metallb-system' }),
    istio: new Layer(stack, 'istio', { namespace: 'istio-system' }),
    kiali: new Layer(stack, 'kiali-operator', { namespace: 'kiali-operator' }),
    // cert-manager makes the certificate of this operator's webhooks.
    otel: new Layer(stack, 'otel-operator', { namespace: 'otel-system', after: [certManagerLayer] }),
    monitoring: new Layer(stack, 'monitoring', { namespace: 'monitoring' }),
  };

  const certManager = new CertManager(charts.certManager, 'cert-manager');
  new MetalLb(charts.metallb, 'metallb');
  const kialiOperator = new KialiOperator(charts.kiali, 'kiali-operator');
  new OpenTelemetryOperator(charts.otel, 'opentelemetry-operator', { webhookCertificate: { certManager } });
  const kube = new KubePrometheusStack(charts.monitoring, 'kube-prometheus-stack', {
    access: { adminPassword: grafanaPassword(charts.monitoring, site) },
    retention: '15d',
    storage: { size: '50Gi' },
    // Those of what this stack runs come with the monitors.
    dashboards: [],
  });
  return { charts, kialiOperator, kube };
}
