import { type Destination, type DestinationVersion, UserError } from '../kit/index.ts';
import type { TrafficRequest } from '../proof/index.ts';

/** What a client sends. */
export interface RequestProps {
  /** @default 'GET' */
  readonly method?: string;
  /** With the query: '/productpage?u=normal'. @default '/' */
  readonly path?: string;
  /** By name, in any case. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default the destination's first port; 80 for a name */
  readonly port?: number;
}

/** A pod that sends a request: a Workload, a version of an app, the app as a whole. */
export interface Sender {
  readonly namespace: string;
  readonly name: string;
}

/** A gateway by which a request comes in: what `publish` or `open` gave back, or any Gateway object's place. */
export interface Through {
  readonly gateway?: { readonly namespace: string; readonly name: string } | undefined;
}

/** Whom a request is for: a destination of the program, or a name as a client would write it. */
export type Asked = Destination | string;

/** Where requests may end. */
export type Reached = Destination | DestinationVersion;

/** One request, put together from what a test says of it. */
export function requestOf(
  to: Asked,
  { port, ...props }: RequestProps,
  by: { readonly from?: Sender | undefined; readonly through?: Through | undefined },
): TrafficRequest {
  const [first] = typeof to === 'string' ? [] : to.ports;
  const asked = port ?? first?.port;
  return {
    host: typeof to === 'string' ? to : to.host,
    ...props,
    ...(asked === undefined ? {} : { port: asked }),
    ...(by.from ? { from: { namespace: by.from.namespace, app: by.from.name } } : {}),
    ...(by.through ? { gateway: gatewayOf(by.through) } : {}),
  };
}

function gatewayOf({ gateway }: Through): NonNullable<Through['gateway']> {
  if (gateway) return gateway;
  throw new UserError('an Ingress has no Gateway object to ask at: go through one that the same pods serve');
}

/** The request as a person would write it: `GET reviews.bookinfo.svc.cluster.local:9080/ (end-user: jason)`. */
export function requestText({
  host,
  port = 80,
  method = 'GET',
  path = '/',
  headers = {},
  from,
  gateway,
}: TrafficRequest): string {
  const carried = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [
    `${method} ${host}:${port}${path}`,
    ...(carried.length > 0 ? [`with ${carried.join(', ')}`] : []),
    ...(from ? [`from ${from.namespace}/${from.app ?? '*'}`] : []),
    ...(gateway ? [`through ${gateway.namespace}/${gateway.name}`] : []),
  ].join(' ');
}
