import type { AppProtocol } from './service.ts';

/** One port of a {@link Destination}. */
export interface DestinationPort {
  readonly name: string;
  readonly port: number;
  /** The container's port. @default the same number */
  readonly targetPort?: number;
  readonly appProtocol: AppProtocol;
}

/**
 * Where the mesh can send requests: a Service of this program (`workload.service`, `bookinfo.reviews`), or a host outside that a
 * ServiceEntry makes known.
 */
export interface Destination<V extends string = string> {
  /** The full name: `reviews.bookinfo.svc.cluster.local`, or the outer host. */
  readonly host: string;
  /** The namespace of the object that makes it known. */
  readonly namespace: string;
  readonly ports: readonly DestinationPort[];
  /** The labels that select its pods; undefined outside the cluster. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  /** The versions that can be told apart behind it, by name; none for a plain Service. */
  readonly versions: { readonly [name in V]: DestinationVersion };
}

/** The pods of one version behind a {@link Destination}: what Istio calls a subset. */
export interface DestinationVersion {
  readonly of: Destination;
  /** Its name, and the value of its `version` label: 'v2'. */
  readonly version: string;
  /** The labels that select its pods, and no other version's. */
  readonly selector: Readonly<Record<string, string>>;
}

/** Whether something is one version of a destination, rather than a destination as a whole. */
export function isVersion(to: Destination | DestinationVersion): to is DestinationVersion {
  return 'of' in to;
}

/** Who a pod is to the others of the mesh: the ServiceAccount that its certificate names. */
export interface Identity {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Some pods of one namespace, by their labels: a {@link Workload}, one version of an app, the pods behind a Service. */
export interface PodSet {
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>>;
  /** The ports that their containers listen at by TCP; left out, or empty, where they do not say. */
  readonly listens?: readonly ListeningPort[];
}

/** A port that a container listens at. */
export interface ListeningPort {
  readonly name: string;
  readonly port: number;
  /** What a Service before it says is spoken there; left out where no Service leads to it. */
  readonly appProtocol?: AppProtocol;
}

/** One app of a program that calls another: what a default-deny must let through. */
export interface Call {
  readonly from: Identity;
  readonly to: PodSet | Destination;
}

/**
 * A way in for HTTP from outside: what an exposure opens, and routes hang on. Who opened it decides the form of the routes.
 */
export type Entrance = {
  /** The name that clients ask for: 'bookinfo.mesh.test', a wildcard, or '*'. */
  readonly host: string;
  /** The gateway's Service, for clients inside the cluster. */
  readonly port: number;
  /** Never there: a {@link ConnectionEntrance} has it. */
  readonly carries?: never;
} & (
  | { readonly api: 'istio'; readonly gateway: { readonly namespace: string; readonly name: string } }
  | {
      readonly api: 'gateway-api';
      readonly gateway: { readonly namespace: string; readonly name: string };
      /** The listener's name. */
      readonly section: string;
    }
);

/** A way in from outside for connections that the gateway does not look into, opened by an Istio gateway. */
export interface ConnectionEntrance<C extends 'tls' | 'tcp' = 'tls' | 'tcp'> {
  /** What passes: TLS, told apart by the name that the client asks for (SNI); or whatever comes in on the port. */
  readonly carries: C;
  /** The name that clients ask for; '*' of TCP, which has none. */
  readonly host: string;
  /** Of the gateway's Service. */
  readonly port: number;
  readonly api: 'istio';
  readonly gateway: { readonly namespace: string; readonly name: string };
}
