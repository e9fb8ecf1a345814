import type { TelemetrySpecTracing, TelemetrySpecTracingCustomTags } from '../../imports/telemetry.istio.io.ts';
import { type HeadSampling, UserError } from '../kit/index.ts';

/** Where a span's tag gets its value from (Istio 1.30, Telemetry API, customTags). */
export type SpanTag =
  | { readonly from: 'literal'; readonly value: string }
  | {
      /** A variable of the proxy's environment. */
      readonly from: 'environment';
      readonly name: string;
      /** When there is none. @default the tag is left out */
      readonly otherwise?: string;
    }
  | {
      /** A header of the request. */
      readonly from: 'header';
      readonly name: string;
      /** When there is none. @default the tag is left out */
      readonly otherwise?: string;
    }
  | {
      /** A text with command operators, as in the access log: `%REQ(:PATH)%`. Proxies since 1.29. */
      readonly from: 'formatter';
      readonly value: string;
    };

/** What spans look like, how the decision to sample travels, and whether the trace's headers do. */
export interface SpanSettings {
  /** Tag to where its value comes from. They take the place of the wider scope's tags as a whole. @default what the wider scope says */
  readonly tags?: Readonly<Record<string, SpanTag>>;
  /** Istio's own tags (`istio.canonical_service`, `istio.mesh_id`, ...). @default what the wider scope says, Istio's 'on' */
  readonly istioTags?: 'on' | 'off';
  /** Whether `x-request-id` carries the decision to sample. @default what the wider scope says, Istio's 'on' */
  readonly requestIdSampling?: 'on' | 'off';
  /** Whether proxies write the trace's headers into requests. Proxies since 1.30. @default what the wider scope says, Istio's 'on' */
  readonly contextPropagation?: 'on' | 'off';
}

/**
 * One entry of a Telemetry's `tracing`. It always names the provider: an entry without one switches tracing off where no default
 * resolves (Istio 1.30).
 *
 * @throws UserError when the share is not within 0 to 100, or a tag has no name or value
 *
 * @internal
 */
export function tracingEntry(
  provider: string,
  head: HeadSampling | undefined,
  spans: SpanSettings | undefined,
  where: string,
): TelemetrySpecTracing {
  const { tags, istioTags, requestIdSampling, contextPropagation } = spans ?? {};
  return {
    providers: [{ name: provider }],
    ...(head === undefined ? {} : head === 'off' ? { disableSpanReporting: true } : { randomSamplingPercentage: head }),
    ...(tags ? { customTags: customTags(tags, where) } : {}),
    ...(istioTags ? { enableIstioTags: istioTags === 'on' } : {}),
    ...(requestIdSampling ? { useRequestIdForTraceSampling: requestIdSampling === 'on' } : {}),
    ...(contextPropagation ? { disableContextPropagation: contextPropagation === 'off' } : {}),
  };
}

function customTags(tags: Readonly<Record<string, SpanTag>>, where: string): Record<string, TelemetrySpecTracingCustomTags> {
  return Object.fromEntries(
    Object.entries(tags).map(([name, tag]) => {
      const said = 'value' in tag ? tag.value : tag.name;
      if (name === '' || said === '') {
        throw new UserError(
          `span tag ${JSON.stringify(name)} of '${where}' is empty: give it a name and where its value comes from`,
        );
      }
      return [name, customTag(tag)];
    }),
  );
}

function customTag(tag: SpanTag): TelemetrySpecTracingCustomTags {
  switch (tag.from) {
    case 'literal':
      return { literal: { value: tag.value } };
    case 'formatter':
      return { formatter: { value: tag.value } };
    case 'environment':
      return { environment: named(tag) };
    case 'header':
      return { header: named(tag) };
  }
}

function named({ name, otherwise }: { readonly name: string; readonly otherwise?: string }) {
  return { name, ...(otherwise === undefined ? {} : { defaultValue: otherwise }) };
}

/**
 * Checks a share of requests.
 *
 * @param what the option that says it, for the message: `samplingPercent`, `head`
 * @throws UserError when it is neither 'off' nor within 0 to 100
 */
export function checkHead(head: HeadSampling | undefined, what: string, where: string): void {
  if (head !== undefined && head !== 'off' && !(head >= 0 && head <= 100)) {
    throw new UserError(`${what} of '${where}' is ${head}: allowed is 0 to 100 (percent of requests)`);
  }
}
