import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { isLayer, type Layer } from '../kit/layer.ts';

/**
 * Why an object cannot be put into a namespace that another layer creates: nothing says that it is there first.
 *
 * @param what the object's kind, in words
 * @returns nothing when it can, or nobody here creates the namespace
 */
export function tooEarly(scope: Construct, namespace: string, what = 'route'): string[] {
  const layer = Chart.of(scope);
  if (!isLayer(layer) || layer.variantOf || layer.namespace === namespace) return [];
  const owner = layer.node.scope?.node.children.find(
    (one): one is Layer => isLayer(one) && one.namespace === namespace && one.namespaceOwner === one,
  );
  if (!owner || layer.isAfter(owner)) return [];
  return [
    `'${scope.node.path}' puts its ${what} into namespace '${namespace}', which layer '${owner.node.path}' creates: ` +
      `say that it comes first, 'after: [${owner.node.id}]' of layer '${layer.node.path}'`,
  ];
}

/**
 * Whether what another construct brings is there when a construct's layer is applied: `'unsaid'` when nothing says so. Plain charts and
 * other stacks are believed.
 */
export function orderOf(needed: IConstruct, scope: Construct): 'before' | 'together' | 'unsaid' {
  const [earlier, chart] = [Chart.of(needed), Chart.of(scope)];
  if (!isLayer(chart) || !isLayer(earlier) || chart.node.scope !== earlier.node.scope) return 'before';
  const layer = chart.variantOf ?? chart;
  if (chart === earlier) return 'together';
  return chart.variantOf === earlier || layer.isAfter(earlier) ? 'before' : 'unsaid';
}

/** What to do about an order that nothing says: `'after: [issuers]' of layer 's/exposure'`. */
export function afterHint(needed: IConstruct, scope: Construct): string {
  const chart = Chart.of(scope);
  const layer = isLayer(chart) ? (chart.variantOf ?? chart) : chart;
  return `'after: [${Chart.of(needed).node.id}]' of layer '${layer.node.path}'`;
}
