import { Construct, type IConstruct } from 'constructs';
import type { JsonObject } from './json.ts';

const mark = Symbol.for('meshwright.writesStackFiles');

/** Says of an app that it writes the files of its stacks besides the cluster objects. @internal */
export function markStackFileWriter(app: IConstruct): void {
  Object.defineProperty(app, mark, { value: true });
}

/** Whether an app writes more than the cluster objects. @internal */
export function writesStackFiles(root: IConstruct): boolean {
  return mark in root;
}

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
    this.node.addValidation({
      validate: () =>
        writesStackFiles(this.node.root)
          ? []
          : [`${this.path} would not be written: only a MeshApp writes it. Use one, or say install: { by: 'existing' }`],
    });
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
