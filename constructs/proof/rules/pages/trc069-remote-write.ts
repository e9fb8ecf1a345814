import type { Model } from '../../model/model.ts';
import { type Writer, writersOf } from '../../model/pages/metrics-writers.ts';
import type { Prometheus } from '../../model/pages/prometheus.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { backendFault } from '../backend.ts';
import { pathOf, reach } from './queries.ts';

export const remoteWrite: Rule = {
  code: 'TRC069',
  title: 'metrics are pushed to a Prometheus that does not take them',
  severity: 'error',
  run: (model) => writersOf(model.programs).flatMap((writer) => writeFault(model, writer) ?? []),
  docs: {
    cause:
      'Tempo’s metrics generator, or a collector’s prometheus_remote_write exporter, pushes to a Service or port that is not there, to a path other than /api/v1/write, or to a Prometheus whose receiver is off, as it is unless `--web.enable-remote-write-receiver` is given. Span metrics and the service map stay empty.',
    fix: 'Push to http://HOST:9090/api/v1/write and switch the receiver on: the flag, `enableRemoteWriteReceiver: true` of a Prometheus object, `prometheus.prometheusSpec.enableRemoteWriteReceiver` of kube-prometheus-stack.',
    example:
      'args: [--config.file=/etc/prometheus/prometheus.yml]   # no --web.enable-remote-write-receiver, and Tempo writes to it',
  },
};

const SWITCH: Readonly<Record<Prometheus['is'], string>> = {
  workload: 'add the argument --web.enable-remote-write-receiver',
  resource: 'set spec.enableRemoteWriteReceiver: true',
  chart: 'set prometheus.prometheusSpec.enableRemoteWriteReceiver: true',
};

function writeFault(model: Model, writer: Writer): Fault | undefined {
  const { what, url, at } = writer;
  const lost = backendFault(model, writer);
  if (lost) return lost;
  const prometheus = reach(model, writer)?.prometheus;
  if (!prometheus) return undefined;
  const path = pathOf(url);
  const { prefix } = prometheus;
  const right = prefix === undefined ? undefined : `${prefix.replace(/\/+$/, '')}/api/v1/write`;
  if (right !== undefined && path !== undefined && path !== right) {
    return {
      at,
      message: `${what} pushes metrics to ${path === '' ? 'no path' : path} of ${prometheus.object.id}, which takes them at ${right}`,
      hint: `end the URL with ${right}`,
    };
  }
  if (prometheus.takesWrites !== false) return undefined;
  return {
    at: prometheus.at,
    message: `${what} (${at.object.id}) pushes metrics here, but the receiver is off`,
    hint: SWITCH[prometheus.is],
    cause: `remote write ${prometheus.object.id}`,
  };
}
