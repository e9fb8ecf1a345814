import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { isLayer } from './layer.ts';

/** The stack that a construct stands in; its chart itself, where that stands in none. @internal */
export function stackOf(scope: IConstruct): IConstruct {
  const chart = Chart.of(scope);
  return chart.node.scope ?? chart;
}

/**
 * Within what a name, a port, an address or a class is given away once: the stack, or a variant layer, which is applied on top by itself.
 *
 * @internal
 */
export function stackOrVariant(scope: IConstruct): IConstruct {
  const chart = Chart.of(scope);
  return isLayer(chart) && chart.variantOf ? chart : stackOf(scope);
}
