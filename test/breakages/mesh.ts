import { ADDED, add, type Breakage, drop, push, row, set } from '../support/breakage.ts';
import type { Stack } from './stacks.ts';

const operator = 'IstioOperator/istio-system/mesh-default';
const telemetry = 'Telemetry/istio-system/mesh-default';
const config = 'mesh/istio/istio-operator';
const spans = 'mesh/istio/telemetry';
const mesh = (place: string) => `spec.meshConfig.${place}`;
const provider = mesh('extensionProviders[0]');

/** A Telemetry more. */
function another(namespace: string, spec: string) {
  return add(
    `apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: another, namespace: ${namespace}}\nspec: ${spec}`,
  );
}

/** What goes wrong between the mesh config and the Telemetry objects: names, addresses, shares. */
export function meshBreakages({ provider: { name, type }, sink, home }: Stack): Breakage[] {
  const host = `${sink.name}.${sink.namespace}.svc.cluster.local`;
  // biome-ignore format: one line each
  return [
    // The names of providers.
    row('TRC001', spans, 'the Telemetry misspells the provider', set(telemetry, 'spec.tracing[0].providers[0].name', `${name}l`)),
    row('TRC001', ADDED, 'a namespace’s Telemetry names a provider of another mesh', another('bookinfo', '{tracing: [{providers: [{name: lightstep}]}]}')),
    row('TRC001', spans, 'access logs go to a provider that nobody defines', push(telemetry, 'spec.accessLogging', { providers: [{ name: 'otel-logs' }] })),
    row('TRC001', spans, 'metrics go to a provider that nobody defines', push(telemetry, 'spec.metrics', { providers: [{ name: 'prometeus' }] })),
    row('TRC004', config, 'the default for tracing is misspelt', set(operator, mesh('defaultProviders.tracing[0]'), `${name}-tracing`)),
    row('TRC004', config, 'the default for access logs is misspelt', set(operator, mesh('defaultProviders.accessLogging'), ['envoy-log'])),
    row('TRC005', config, 'the default provider for metrics is lost', set(operator, mesh('defaultProviders.metrics'), [])),
    row('TRC001', spans, 'the provider is renamed and its users are not', set(operator, `${provider}.name`, 'spans')),
    row('TRC001', spans, 'the list of providers is gone', drop(operator, mesh('extensionProviders'))),
    row('TRC086', spans, 'a second tracer that Istio never asks', push(operator, mesh('extensionProviders'), { name: 'old', [type]: { service: host, port: sink.port } }), push(telemetry, 'spec.tracing[0].providers', { name: 'old' })),
    // What they are.
    row('TRC010', spans, 'spans to the provider of metrics', set(telemetry, 'spec.tracing[0].providers[0].name', 'prometheus')),
    row('TRC010', spans, 'spans to the access log', set(telemetry, 'spec.tracing[0].providers[0].name', 'envoy')),
    row('TRC010', spans, 'spans to Stackdriver, which makes none any more', set(telemetry, 'spec.tracing[0].providers[0].name', 'stackdriver')),
    row('TRC010', spans, 'the provider is OpenCensus, gone since Istio 1.25', set(operator, provider, { name, opencensus: { service: host, port: 55678 } })),
    row('TRC010', spans, 'the provider is Lightstep, gone since Istio 1.27', set(operator, provider, { name, lightstep: { service: host, port: 443, accessToken: 'x' } })),
    row('TRC010', spans, 'the provider sends access logs, as the demo profile’s otel', set(operator, provider, { name, envoyOtelAls: { service: host, port: sink.port } })),
    // Where they send.
    row('TRC002', config, 'the provider’s Service is misspelt', set(operator, `${provider}.${type}.service`, `x${host}`)),
    row('TRC002', config, 'the provider’s Service is a short name', set(operator, `${provider}.${type}.service`, sink.name)),
    row('TRC002', config, 'the provider’s Service is of the wrong namespace', set(operator, `${provider}.${type}.service`, `${sink.name}.bookinfo.svc.cluster.local`)),
    row('TRC002', config, 'the provider’s Service lacks the end of its host', set(operator, `${provider}.${type}.service`, `${sink.name}.${sink.namespace}`)),
    row('TRC003', config, 'the provider’s port is none of the Service', set(operator, `${provider}.${type}.port`, 55680)),
    row('TRC045', config, 'the provider sends to a vendor whom no ServiceEntry declares', set(operator, `${provider}.${type}.service`, 'otlp.vendor.example.com')),
    row('TRC006', config, 'the legacy tracer stands beside the provider', set(operator, mesh('defaultConfig.tracing.zipkin.address'), 'zipkin.istio-system:9411')),
    row('TRC085', config, 'tracing is switched off where the Telemetry switches it on', set(operator, mesh('enableTracing'), false)),
    // Shares.
    row('OBJ005', spans, 'a share of 1000 percent', set(telemetry, 'spec.tracing[0].randomSamplingPercentage', 1000)),
    row('TRC084', config, 'a share above 100 in the mesh config', drop(telemetry, 'spec.tracing[0].randomSamplingPercentage'), set(operator, mesh('defaultConfig.tracing.sampling'), 1000)),
    row('TRC084', config, 'no spans, said by a share that counts as unset', drop(telemetry, 'spec.tracing[0].randomSamplingPercentage'), set(operator, mesh('defaultConfig.tracing.sampling'), 0)),
    row('OBJ004', spans, 'a share as a text', set(telemetry, 'spec.tracing[0].randomSamplingPercentage', '100%')),
    row('TRC083', config, 'a share in the mesh config that the Telemetry overrides', set(operator, mesh('defaultConfig.tracing.sampling'), 10)),
    row('TRC083', config, 'a share of istiod that the Telemetry overrides', set(operator, 'spec.values.pilot.traceSampling', 1)),
    row('OBJ002', spans, 'the Telemetry misspells the share', set(telemetry, 'spec.tracing[0].samplingPercentage', 10)),
    // Which Telemetry counts.
    row('TRC080', ADDED, 'a second Telemetry for the whole mesh', another('istio-system', `{tracing: [{providers: [{name: ${name}}], randomSamplingPercentage: 5}]}`)),
    row('TRC080', ADDED, 'two Telemetry objects for one namespace', another('bookinfo', '{tracing: [{randomSamplingPercentage: 5}]}'), add('apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: two, namespace: bookinfo}\nspec: {tracing: [{randomSamplingPercentage: 9}]}')),
    row('TRC081', ADDED, 'two Telemetry objects for one workload', another('bookinfo', '{selector: {matchLabels: {app: reviews}}, tracing: [{randomSamplingPercentage: 5}]}'), add('apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {name: two, namespace: bookinfo}\nspec: {selector: {matchLabels: {version: v2}}, tracing: [{randomSamplingPercentage: 9}]}')),
    row('TRC082', ADDED, 'a Telemetry for a workload of another name', another('bookinfo', '{selector: {matchLabels: {app: review}}, tracing: [{randomSamplingPercentage: 5}]}')),
    row('TRC082', ADDED, 'a Telemetry for a workload of another namespace', another(home, '{selector: {matchLabels: {app: productpage}}, tracing: [{randomSamplingPercentage: 5}]}')),
    row('TRC087', spans, 'a Telemetry asks for spans and nobody says where', drop(telemetry, 'spec.tracing[0].providers'), drop(operator, mesh('defaultProviders.tracing'))),
    // Logs and metrics.
    row('TRC089', spans, 'a log filter that is no CEL', push(telemetry, 'spec.accessLogging', { providers: [{ name: 'envoy' }], filter: { expression: 'response.code >= 400 and' } })),
    row('TRC089', spans, 'a log filter over an attribute that Envoy lacks', push(telemetry, 'spec.accessLogging', { providers: [{ name: 'envoy' }], filter: { expression: 'respone.code >= 400' } })),
    row('TRC089', spans, 'a metric’s tag that is no CEL', push(telemetry, 'spec.metrics', { providers: [{ name: 'prometheus' }], overrides: [{ tagOverrides: { path: { value: 'request.path +' } } }] })),
    row('OBJ005', spans, 'a metric that Istio does not have', push(telemetry, 'spec.metrics', { overrides: [{ match: { metric: 'REQUESTS' }, disabled: true }] })),
    // The file itself.
    row('OBJ002', config, 'the mesh config misspells extensionProviders', set(operator, mesh('extensionProvider'), [])),
    row('OBJ004', config, 'the provider’s port is a text', set(operator, `${provider}.${type}.port`, 'otlp')),
    row('OBJ009', spans, 'the Telemetry is of a version that Istio does not serve', set(telemetry, 'apiVersion', 'telemetry.istio.io/v2')),
  ];
}
