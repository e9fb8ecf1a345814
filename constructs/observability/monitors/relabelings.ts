import * as crd from '../../../imports/monitoring.coreos.com.ts';

type PodRule = crd.PodMonitorSpecPodMetricsEndpointsRelabelings;

const { KEEP, LABELDROP, REPLACE } = crd.PodMonitorSpecPodMetricsEndpointsRelabelingsAction;
const meta = '__meta_kubernetes_';
const [port, ip] = [`${meta}pod_annotation_prometheus_io_port`, `${meta}pod_ip`];

/** The address from the pod's own annotation: IPv6 addresses are written in brackets. */
const address: readonly PodRule[] = [
  {
    action: REPLACE,
    sourceLabels: [port, ip],
    regex: '(\\d+);(([A-Fa-f0-9]{1,4}::?){1,7}[A-Fa-f0-9]{1,4})',
    replacement: '[$2]:$1',
    targetLabel: '__address__',
  },
  {
    action: REPLACE,
    sourceLabels: [port, ip],
    regex: '(\\d+);((([0-9]+?)(\\.|$)){4})',
    replacement: '$2:$1',
    targetLabel: '__address__',
  },
];

/**
 * Which targets of all pods are proxies, and where each is asked: as Istio's own sample for the Prometheus operator (Istio 1.30,
 * samples/addons/extras/prometheus-operator.yaml), but with the pod's name under the label `pod`, by which dashboards ask.
 *
 * @internal
 */
export const proxyRules: readonly PodRule[] = [
  { action: KEEP, sourceLabels: [`${meta}pod_container_name`], regex: 'istio-proxy' },
  { action: KEEP, sourceLabels: [`${meta}pod_annotationpresent_prometheus_io_scrape`] },
  ...address,
  { action: LABELDROP, regex: `${meta}pod_label_(.+)` },
  { action: REPLACE, sourceLabels: [`${meta}namespace`], targetLabel: 'namespace' },
  { action: REPLACE, sourceLabels: [`${meta}pod_name`], targetLabel: 'pod' },
];

/** Where pods that ask to be scraped are asked: once, although they are found by each port of each container. @internal */
export function annotatedRules(job: string): readonly PodRule[] {
  return [
    { action: KEEP, sourceLabels: [`${meta}pod_annotation_prometheus_io_scrape`], regex: 'true' },
    { action: KEEP, sourceLabels: [`${meta}pod_container_init`], regex: 'false' },
    {
      action: REPLACE,
      sourceLabels: [`${meta}pod_annotation_prometheus_io_path`],
      regex: '(.+)',
      targetLabel: '__metrics_path__',
    },
    ...address,
    { action: REPLACE, sourceLabels: [`${meta}pod_label_app`], targetLabel: 'app' },
    { action: REPLACE, replacement: job, targetLabel: 'job' },
  ];
}

type ServiceRule = crd.ServiceMonitorSpecEndpointsRelabelings;

/** Keeps the pods behind one Service, by its name. @internal */
export function byServiceName(name: string): ServiceRule {
  return {
    action: crd.ServiceMonitorSpecEndpointsRelabelingsAction.KEEP,
    sourceLabels: [`${meta}service_name`],
    regex: name.replaceAll('.', '\\.'),
  };
}

/** The job's name, which is otherwise the Service's. @internal */
export function asJob(job: string): ServiceRule {
  return { action: crd.ServiceMonitorSpecEndpointsRelabelingsAction.REPLACE, replacement: job, targetLabel: 'job' };
}
