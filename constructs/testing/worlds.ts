import { Construct } from 'constructs';
import { MeshApp } from '../app.ts';
import { isLayer, UserError } from '../kit/index.ts';
import { type Model, modelOf } from '../proof/index.ts';
import { renderStack } from '../render.ts';
import { worldsOf } from '../worlds.ts';

/**
 * What a test asks: an app of one stack, a stack, or a variant layer, which means the stack with that variant applied on top. A plain
 * layer means its stack.
 */
export type Subject = Construct;

/**
 * Reads the constructs as a synth would.
 *
 * @throws UserError for an app of several stacks
 */
export function modelOfSubject(subject: Subject): Model {
  const layer = isLayer(subject) ? subject : undefined;
  const [base, ...variants] = worldsOf(renderStack(stackOf(subject)));
  const world = layer?.variantOf ? variants.find(({ variant }) => variant === layer.node.id) : base;
  return modelOf(world ?? base);
}

function stackOf(subject: Subject): Construct {
  if (subject instanceof MeshApp) {
    const [only, ...others] = subject.node.children.filter((child): child is Construct => child instanceof Construct);
    if (only && others.length === 0) return only;
    throw new UserError(
      `the app has ${others.length === 0 ? 'no stack' : `stacks ${[only, ...others].map((one) => one?.node.id).join(', ')}`}: ask one of them, expectTraffic(stack)`,
    );
  }
  // A layer's stack; a chart that stands alone is a stack itself.
  const scope = isLayer(subject) ? subject.node.scope : undefined;
  return scope instanceof Construct && !(scope instanceof MeshApp) ? scope : subject;
}
