import { Construct } from 'constructs';
import type { JsonObject } from './json.ts';

/** Options of a {@link StackFile}. */
export interface StackFileProps {
  /** Where the file lies in its stack's folder: 'istioctl/istio-operator.yaml'. */
  readonly path: string;
  readonly content: () => JsonObject;
}

/**
 * A file of a stack that is no cluster object: the input of a tool. It lies where `kubectl apply -k` and Flux never see it, and the
 * proof reads it like the objects.
 */
export class StackFile extends Construct {
  readonly path: string;
  readonly content: () => JsonObject;

  constructor(scope: Construct, id: string, props: StackFileProps) {
    super(scope, id);
    this.path = props.path;
    this.content = props.content;
  }
}

/**
 * The mesh config that an installed istiod is said to have: nothing is written for the cluster, but the proof holds the stack
 * against it, and the stack's inventory.json tells it.
 */
export class MeshClaim extends Construct {
  readonly content: () => JsonObject;

  constructor(scope: Construct, id: string, content: () => JsonObject) {
    super(scope, id);
    this.content = content;
  }
}
