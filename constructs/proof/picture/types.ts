/** What a node of a picture is. */
export type NodeKind =
  /** Who calls from outside the cluster. */
  | 'client'
  /** A way in: a gateway of the mesh, or the controller of an Ingress. */
  | 'gateway'
  /** A proxy that a namespace's requests pass in ambient mode. */
  | 'waypoint'
  /** A service, or pods without one. */
  | 'app'
  /** All proxies together: what istiod configures and what makes spans. */
  | 'data-plane'
  /** istiod, operators, charts. */
  | 'control-plane'
  | 'collector'
  /** What keeps traces. */
  | 'backend'
  /** What keeps metrics. */
  | 'metrics'
  /** What keeps logs. */
  | 'logs'
  /** A page that people look at. */
  | 'page'
  /** What stands outside the cluster, or where the input shows nothing. */
  | 'external';

/** What goes along an edge. */
export type EdgeKind = 'request' | 'span' | 'metric' | 'log' | 'read' | 'config';

/** One line of a node that edges may begin at: a host of a gateway, a version of a service. */
export interface PictureRow {
  /** Unique within its node. */
  readonly id: string;
  readonly text: string;
}

/** One box. */
export interface PictureNode {
  /** Unique within the picture, and the same as long as the thing it stands for is called the same: `service/bookinfo/reviews`. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly title: string;
  /** More about it, one line each: an image, ports, a pipeline. */
  readonly lines: readonly string[];
  readonly rows: readonly PictureRow[];
  /** The group it lies in; undefined beside all groups. */
  readonly group: string | undefined;
  /** How many things it stands for; 1 except where many alike are drawn as one. */
  readonly stands: number;
}

/** One frame around nodes: a namespace, or several alike. */
export interface PictureGroup {
  readonly id: string;
  readonly title: string;
  /** How it takes part in the mesh: `sidecars, mTLS STRICT`. */
  readonly subtitle: string;
}

/** One arrow. */
export interface PictureEdge {
  readonly from: string;
  /** The row of `from` it begins at. */
  readonly fromRow?: string;
  readonly to: string;
  readonly kind: EdgeKind;
  /** Protocol and port, share of requests; may be empty. */
  readonly label: string;
}

/**
 * A stack as nodes and edges: pure data, from which every format is made. Nodes, groups and edges are sorted; every edge's ends are there.
 */
export interface Picture {
  readonly title: string;
  /** What is drawn, in one sentence. */
  readonly description: string;
  readonly groups: readonly PictureGroup[];
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}
