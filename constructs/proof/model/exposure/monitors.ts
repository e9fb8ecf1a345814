import type { Json } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { at, items, number, strings, text } from '../../json-path.ts';
import { type ProofObject, type Spot, spotOf } from '../../types.ts';
import type { Model } from '../model.ts';

/** One port that a monitor scrapes. */
export interface Scraped {
  /** By name, of the Service (ServiceMonitor) or of the container (PodMonitor). */
  readonly port: string | undefined;
  /** By name or number, of the container. */
  readonly container: string | number | undefined;
  readonly https: boolean;
  readonly at: Spot;
}

/** A ServiceMonitor or PodMonitor of the Prometheus operator. */
export interface Monitor {
  readonly object: ProofObject;
  readonly is: 'ServiceMonitor' | 'PodMonitor';
  readonly selector: Json | undefined;
  readonly labels: ReadonlyMap<string, string>;
  /** Where it looks; `any` for everywhere. */
  readonly namespaces: readonly string[] | 'any';
  readonly endpoints: readonly Scraped[];
}

/** The monitors of a world. */
export const monitorsOf: (model: Model) => readonly Monitor[] = remember((model) =>
  (['ServiceMonitor', 'PodMonitor'] as const).flatMap((is) =>
    model
      .kind(is)
      .filter(({ group }) => group === 'monitoring.coreos.com')
      .map((object) => monitor(object, is)),
  ),
);

function monitor(object: ProofObject, is: Monitor['is']): Monitor {
  const { json } = object;
  const names = items(json, 'spec', 'namespaceSelector', 'matchNames').flatMap((one) => (typeof one === 'string' ? [one] : []));
  const any = at(json, 'spec', 'namespaceSelector', 'any') === true;
  const list = is === 'ServiceMonitor' ? 'endpoints' : 'podMetricsEndpoints';
  return {
    ...{ object, is },
    selector: at(json, 'spec', 'selector'),
    labels: strings(json, 'spec', 'selector', 'matchLabels'),
    namespaces: any ? 'any' : names.length > 0 ? names : [object.namespace],
    endpoints: items(json, 'spec', list).map((one, i): Scraped => {
      const port = text(one, 'port');
      const by = port !== undefined ? 'port' : number(one, 'portNumber') !== undefined ? 'portNumber' : 'targetPort';
      const container = number(one, 'portNumber') ?? number(one, 'targetPort') ?? text(one, 'targetPort');
      return {
        port,
        container,
        https: text(one, 'scheme')?.toLowerCase() === 'https',
        at: spotOf(object, ['spec', list, i, by]),
      };
    }),
  };
}
