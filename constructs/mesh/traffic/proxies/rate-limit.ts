import { Construct } from 'constructs';
import {
  EnvoyFilterSpecConfigPatchesApplyTo as ApplyTo,
  EnvoyFilterSpecConfigPatchesMatchContext as Context,
  EnvoyFilter,
  EnvoyFilterSpecConfigPatchesPatchOperation as Operation,
} from '../../../../imports/networking.istio.io.ts';
import { checkPort, type IngressPods, type JsonObject, namespaceOf, type PodSet, UserError } from '../../../kit/index.ts';
import { checkDnsSubdomain, checkOwnNamespace } from '../../../kit/layer.ts';
import { duration, headerName, whole } from '../checks.ts';

/** So many requests in so much time. */
export interface Rate {
  /** A whole number from 1. */
  readonly requests: number;
  /** 0.05 at least: Envoy fills no bucket more often. Those of paths are multiples of the others. */
  readonly perSeconds: number;
}

/** The limit of some paths. */
export interface PathRate extends Rate {
  /** The paths that begin so. A request counts for the longest prefix that it has. */
  readonly prefix: string;
}

/** Options of a {@link RateLimit}: a rate for all requests, rates for some paths, or both. */
export type RateLimitProps = {
  /**
   * The pods that are protected; they stand in the layer's namespace. Each pod counts for itself. You can pass one of:
   * - pods with a sidecar: a Workload, a version of an app, an app;
   * - gateway pods: `mesh.ingress`, the `pods` of a GatewayApiGateway.
   */
  readonly for: PodSet | IngressPods;
  /** The only port that counts, as the container listens: 8080 for a gateway's port 80. @default all */
  readonly port?: number;
  /** Of the object. @default the construct's id */
  readonly name?: string;
  /** A header that marks the answers to refused requests; they have status 429. @default x-local-rate-limit: 'true', as in Istio's task */
  readonly responseHeader?: { readonly name: string; readonly value: string };
} & (
  | (Rate & { readonly paths?: readonly [PathRate, ...PathRate[]] })
  | { readonly requests?: never; readonly perSeconds?: never; readonly paths: readonly [PathRate, ...PathRate[]] }
);

const filterType = 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';

/**
 * A limit of the requests that each pod takes, kept by its own proxy without asking anybody (Istio 1.30, task "Enabling rate limits using
 * Envoy", local). Refused requests get 429. One EnvoyFilter.
 *
 * Sidecars and gateways only: ambient's ztunnel reads no requests.
 */
export class RateLimit extends Construct {
  /** @throws UserError when a number is out of range, a prefix comes twice, or the pods stand in another namespace */
  constructor(scope: Construct, id: string, props: RateLimitProps) {
    super(scope, id);
    const { for: pods, port, name = id, responseHeader = { name: 'x-local-rate-limit', value: 'true' } } = props;
    const where = `'${this.node.path}'`;
    const namespace = namespaceOf(this);
    checkOwnNamespace(where, namespace, 'pods', pods.namespace);
    if (port !== undefined) checkPort(port, where);
    checkDnsSubdomain(name, `name of ${where}`);
    headerName(responseHeader.name, `responseHeader of ${where}`);
    new EnvoyFilter(this, 'envoy-filter', {
      metadata: {
        namespace,
        name,
        // Every EnvoyFilter draws this warning; there is no other API for a local rate limit.
        annotations: { 'galley.istio.io/analyze-suppress': 'IST0133' },
      },
      spec: {
        workloadSelector: { labels: { ...pods.selector } },
        configPatches: [
          {
            applyTo: ApplyTo.HTTP_UNDERSCORE_FILTER,
            match: {
              context: isGateway(pods) ? Context.GATEWAY : Context.SIDECAR_UNDERSCORE_INBOUND,
              listener: {
                ...(port === undefined ? {} : { portNumber: port }),
                filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } },
              },
            },
            patch: {
              operation: Operation.INSERT_UNDERSCORE_FIRST,
              value: {
                name: 'envoy.filters.http.local_ratelimit',
                // Not wrapped in a TypedStruct: istiod and istioctl then check the fields.
                typed_config: { '@type': filterType, ...localRateLimit(props, responseHeader, where) },
              },
            },
          },
        ],
      },
    });
  }
}

/** Gateway pods are told by the address of their Service; they have no inbound listeners as sidecars have. */
function isGateway(pods: PodSet | IngressPods): pods is IngressPods {
  return !Construct.isConstruct(pods) && 'service' in pods;
}

function localRateLimit(
  props: RateLimitProps,
  header: { readonly name: string; readonly value: string },
  where: string,
): JsonObject {
  const { requests, perSeconds } = props;
  const sorted = checkedPaths(props.paths ?? [], where);
  const shortest = perSeconds ?? Math.min(...sorted.map((path) => path.perSeconds));
  for (const path of sorted) {
    // Envoy, LocalRateLimit.descriptors.
    if (Math.round(path.perSeconds * 1000) % Math.round(shortest * 1000) !== 0)
      throw new UserError(
        `perSeconds of path '${path.prefix}' of ${where} is ${path.perSeconds}: Envoy takes multiples of ${perSeconds === undefined ? 'the shortest' : 'perSeconds'}, ${shortest}, only`,
      );
  }
  const always = (key: string): JsonObject => ({
    runtime_key: key,
    default_value: { numerator: 100, denominator: 'HUNDRED' },
  });
  return {
    stat_prefix: 'http_local_rate_limiter',
    token_bucket:
      // Envoy wants a bucket for everything beside those of the paths: one that is never empty limits nobody.
      bucket(requests === undefined ? { requests: 1_000_000_000, perSeconds: shortest } : { requests, perSeconds }, where),
    filter_enabled: always('local_rate_limit_enabled'),
    filter_enforced: always('local_rate_limit_enforced'),
    response_headers_to_add: [{ append_action: 'OVERWRITE_IF_EXISTS_OR_ADD', header: { key: header.name, value: header.value } }],
    local_rate_limit_per_downstream_connection: false,
    ...(sorted.length > 0
      ? {
          // Envoy 1.33 and newer: here instead of in the routes, of which an inbound listener has no more than one.
          rate_limits: sorted.map(({ prefix }) => ({
            actions: [
              {
                header_value_match: {
                  descriptor_key: 'path',
                  descriptor_value: prefix,
                  headers: [
                    { name: ':path', string_match: { prefix } },
                    ...longer(prefix, sorted).map((other) => ({
                      name: ':path',
                      string_match: { prefix: other },
                      invert_match: true,
                    })),
                  ],
                },
              },
            ],
          })),
          descriptors: sorted.map((path) => ({
            entries: [{ key: 'path', value: path.prefix }],
            token_bucket: bucket(path, `path '${path.prefix}' of ${where}`),
          })),
        }
      : {}),
  };
}

/** The longest prefix first. */
function checkedPaths(paths: readonly PathRate[], where: string): PathRate[] {
  for (const [i, { prefix }] of paths.entries()) {
    if (!prefix.startsWith('/')) throw new UserError(`paths of ${where} holds ${JSON.stringify(prefix)}: a path begins with '/'`);
    if (paths.findIndex((p) => p.prefix === prefix) !== i)
      throw new UserError(`paths of ${where} holds '${prefix}' twice: give it one rate`);
  }
  return paths.toSorted((a, b) => b.prefix.length - a.prefix.length || (a.prefix < b.prefix ? -1 : 1));
}

/** The prefixes that are more exact than this one. */
function longer(prefix: string, paths: readonly PathRate[]): string[] {
  return paths.flatMap((other) => (other.prefix !== prefix && other.prefix.startsWith(prefix) ? [other.prefix] : []));
}

function bucket({ requests, perSeconds }: Rate, where: string): JsonObject {
  whole(requests, `requests of ${where}`);
  if (perSeconds < 0.05)
    throw new UserError(`perSeconds of ${where} is ${perSeconds}: Envoy fills a bucket every 0.05 seconds at most`);
  return { max_tokens: requests, tokens_per_fill: requests, fill_interval: duration(perSeconds, `perSeconds of ${where}`) };
}
