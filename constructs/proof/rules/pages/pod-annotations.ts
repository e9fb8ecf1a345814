import { strings } from '../../json-path.ts';
import type { Program } from '../../model/spans/programs.ts';
import { templateOf } from '../../model/workloads.ts';

/** The annotations of a program's pods; undefined when the input does not show them. */
export function annotationsOf({ object, workload }: Program): ReadonlyMap<string, string> | undefined {
  if (object.kind === 'OpenTelemetryCollector') {
    // The operator lets the collector's own metrics be scraped (opentelemetry-operator 0.158).
    const own = new Map([
      ['prometheus.io/scrape', 'true'],
      ['prometheus.io/port', '8888'],
      ['prometheus.io/path', '/metrics'],
    ]);
    return new Map([...own, ...strings(object.json, 'spec', 'podAnnotations')]);
  }
  const template = workload && templateOf(workload.object);
  return template && strings(object.json, ...template, 'metadata', 'annotations');
}
