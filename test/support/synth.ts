import { ApiObject, App, type Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { Layer } from '../../constructs/kit/index.ts';

/** A synthesized object, loosely typed: tests say what they expect of it. */
// biome-ignore lint/suspicious/noExplicitAny: assertions reach into arbitrary objects
export type Loose = any;

/** A layer in a plain cdk8s App: our constructs need no MeshApp. */
export function layer(namespace = 'istio-system'): Layer {
  return new Layer(new App(), 'layer', { namespace });
}

/** Every object below a construct. */
export function objects(root: Construct | Chart): Loose[] {
  return root.node.findAll().flatMap((c) => (ApiObject.isApiObject(c) ? [c.toJson()] : []));
}

/** The one object of a kind and name; fails the test when it is not there. */
export function object(root: Construct | Chart, kind: string, name: string): Loose {
  const all = objects(root);
  const found = all.filter((o) => o.kind === kind && o.metadata.name === name);
  if (found.length !== 1)
    throw new Error(
      `${found.length} objects ${kind} ${name}; there are: ${all.map((o) => `${o.kind} ${o.metadata.name}`).join(', ')}`,
    );
  return found[0];
}
