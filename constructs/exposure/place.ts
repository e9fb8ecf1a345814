import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { isLayer } from '../kit/layer.ts';

/** Within what a port, an address or a class is given away once: the stack, or a variant layer, which is applied on top by itself. */
export function placeOf(scope: IConstruct): IConstruct {
  const chart = Chart.of(scope);
  return isLayer(chart) && chart.variantOf ? chart : (chart.node.scope ?? chart);
}
