import type { RunbookFacts } from './facts.ts';
import { forward } from './forward.ts';
import { pageOf } from './pages.ts';

/** Where the stack's Prometheus is asked. */
export interface PrometheusPlace {
  /** Forwards its port. */
  readonly command: string;
  /** Where it is then: `http://localhost:9090`, with the path under which it answers. */
  readonly near: string;
  /** Where people open it: `http://prometheus.mesh.test`; undefined when nothing publishes it. */
  readonly url: string | undefined;
}

/** The first Prometheus that the stack shows; undefined where it shows none. */
export function prometheusAt({ model, published }: RunbookFacts): PrometheusPlace | undefined {
  const [prometheus] = model.prometheuses.all;
  if (!prometheus) return undefined;
  const place = pageOf(model, 'prometheus')?.at[0];
  // The operator's own Service, for every Prometheus that it runs.
  const { command, at } = place
    ? forward(place.service, place.port)
    : forward({ namespace: prometheus.namespace, name: 'prometheus-operated' }, 9090);
  const prefix = (prometheus.prefix ?? '').replace(/\/$/, '');
  const url = place && published(place.service);
  return { command, near: `http://${at}${prefix}`, url: url === undefined ? undefined : `${url}${prefix}` };
}

/** Where people open one of its pages, published or not. */
export function openAt({ command, near, url }: PrometheusPlace, path: string): string {
  return url === undefined ? `\`${command}\` and <${near}${path}>` : `<${url}${path}>`;
}
