import type { Hop } from '../../model/spans/hops.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { traceHops } from './hop-faults.ts';

export const exporterTls: Rule = {
  code: 'TRC029',
  title: 'an exporter and the receiver it sends to disagree about TLS',
  severity: 'error',
  run: (model) => traceHops(model).flatMap((hop) => tlsFault(hop) ?? []),
  docs: {
    cause:
      'A gRPC exporter uses TLS unless `tls.insecure: true` or an http:// endpoint says otherwise; receivers inside a cluster mostly have none. The handshake fails, and every export with it (`first record does not look like a TLS handshake`). Or the receiver has a tls block and the exporter sends plain text.',
    fix: 'Set `tls: {insecure: true}` on the exporter; a mesh encrypts by itself. Or give the receiver a certificate.',
    example: 'exporters:\n  otlp_grpc: {endpoint: "jaeger-collector.observability:4317"}   # tls: {insecure: true}',
  },
};

function tlsFault({ from, receiver, protocol, program, what }: Hop): Fault | undefined {
  const sender = from.is === 'program' ? from.exporter : from.is === 'agents' ? from.agents : undefined;
  if (!sender || !receiver || !program || receiver.protocol !== protocol) return undefined;
  if (sender.tls === 'unknown' || (sender.tls === 'tls') === receiver.tls) return undefined;
  const grpc = from.is === 'program' && protocol.endsWith('-grpc');
  return sender.tls === 'tls'
    ? {
        at: sender.at,
        message: `${what} uses TLS, but receiver "${receiver.id}" of ${program.object.id} speaks plain text`,
        hint: grpc ? 'add tls: {insecure: true} to the exporter' : 'write http:// instead of https://',
      }
    : {
        at: sender.at,
        message: `${what} sends plain text, but receiver "${receiver.id}" of ${program.object.id} wants TLS`,
        hint: grpc
          ? 'take tls.insecure off the exporter, and give it the certificate authority'
          : 'write https:// instead of http://',
      };
}
