import type { Rule } from '../rule.ts';
import { duplicate } from './obj001-duplicate.ts';
import { unknownField } from './obj002-unknown-field.ts';
import { missingField } from './obj003-missing-field.ts';
import { wrongType } from './obj004-wrong-type.ts';
import { notAllowed } from './obj005-not-allowed.ts';
import { name } from './obj006-name.ts';
import { noNamespace } from './obj007-no-namespace.ts';
import { clusterScoped } from './obj008-cluster-scoped.ts';
import { kind } from './obj009-kind.ts';
import { selector } from './obj010-selector.ts';
import { config } from './obj011-config.ts';
import { refused } from './obj012-refused.ts';
import { pagesRules } from './pages/index.ts';
import { pipelinesRules } from './pipelines/index.ts';
import { productionRules } from './production/index.ts';
import { reachRules } from './reach/index.ts';
import { destinationHost } from './ref001-destination-host.ts';
import { subset } from './ref002-subset.ts';
import { gateway } from './ref003-gateway.ts';
import { port } from './ref004-port.ts';
import { ruleHost } from './ref005-rule-host.ts';
import { subsetPods } from './ref006-subset-pods.ts';
import { gatewayPods } from './ref007-gateway-pods.ts';
import { dataSource } from './ref008-data-source.ts';
import { kialiBackend } from './ref009-kiali-backend.ts';
import { weights } from './ref010-weights.ts';
import { podReferences } from './ref011-pod-references.ts';
import { servicePods } from './ref012-service-pods.ts';
import { gatewayHosts } from './ref013-gateway-hosts.ts';
import { routeHosts } from './ref014-route-hosts.ts';
import { gatewayPort } from './ref015-gateway-port.ts';
import { targetPort } from './ref016-target-port.ts';
import { podAddresses } from './ref017-pod-addresses.ts';
import { samplingRules } from './sampling/index.ts';
import { telemetryProvider } from './trc001-telemetry-provider.ts';
import { providerService } from './trc002-provider-service.ts';
import { providerPort } from './trc003-provider-port.ts';
import { defaultProvider } from './trc004-default-provider.ts';
import { defaultMetrics } from './trc005-default-metrics.ts';
import { legacyTracer } from './trc006-legacy-tracer.ts';
import { forwardedHeaders } from './trc007-forwarded-headers.ts';

/** All rules, in the order of docs/findings.md. Of several faults with one cause, the first rule's is told. */
export const rules: readonly Rule[] = [
  ...[
    duplicate,
    unknownField,
    missingField,
    wrongType,
    notAllowed,
    name,
    noNamespace,
    clusterScoped,
    kind,
    selector,
    config,
    refused,
  ],
  ...[
    destinationHost,
    subset,
    gateway,
    port,
    ruleHost,
    subsetPods,
    gatewayPods,
    dataSource,
    kialiBackend,
    weights,
    podReferences,
    servicePods,
    gatewayHosts,
    routeHosts,
    gatewayPort,
    targetPort,
    podAddresses,
  ],
  ...[telemetryProvider, providerService, providerPort, defaultProvider, defaultMetrics, legacyTracer, forwardedHeaders],
  ...[...pipelinesRules, ...reachRules, ...pagesRules, ...samplingRules, ...productionRules],
];
