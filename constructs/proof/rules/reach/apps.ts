import { items, text } from '../../json-path.ts';
import type { Workload } from '../../model/workloads.ts';

// What watches over a mesh, or runs it, need not be in its traces.
const TOOLS =
  /(grafana|prometheus|alertmanager|kiali|loki|jaeger|tempo|zipkin|skywalking|banyandb|otel|opentelemetry|istio|pilot|proxyv2|operator|controller|webhook|cert-manager|metallb|flux|elasticsearch|cassandra|minio)/;

/** Whether a workload is an app, by its images: something whose requests people trace. */
export function isApp({ object, podSpec }: Workload): boolean {
  if (!podSpec) return false;
  const images = items(object.json, ...podSpec, 'containers').map((one) => text(one, 'image') ?? '');
  return images.length > 0 && !images.some((image) => TOOLS.test(nameOf(image)));
}

/** An image without its registry. Istio publishes Bookinfo, which is an app, beside its own programs. */
function nameOf(image: string): string {
  const name = image.replace(/^[^/]*[.:][^/]*\//, '');
  return /(^|\/)examples-/.test(name) ? '' : name;
}
