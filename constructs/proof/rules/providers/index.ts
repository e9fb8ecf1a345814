import type { Rule } from '../../rule.ts';
import { telemetryProvider } from './trc001-telemetry-provider.ts';
import { providerService } from './trc002-provider-service.ts';
import { providerPort } from './trc003-provider-port.ts';
import { defaultProvider } from './trc004-default-provider.ts';
import { defaultMetrics } from './trc005-default-metrics.ts';
import { legacyTracer } from './trc006-legacy-tracer.ts';
import { forwardedHeaders } from './trc007-forwarded-headers.ts';

/** Who sends spans where: Telemetry, providers, and apps that pass traces on. */
export const providersRules: readonly Rule[] = [
  telemetryProvider,
  providerService,
  providerPort,
  defaultProvider,
  defaultMetrics,
  legacyTracer,
  forwardedHeaders,
];
