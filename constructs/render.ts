import { ApiObject, Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import {
  FluxDelivery,
  type RenderedFile,
  type RenderedLayer,
  type RenderedObject,
  type RenderedStack,
} from './delivery/index.ts';
import { HelmRelease, isLayer, type JsonObject, MeshClaim, StackFile, UserError } from './kit/index.ts';
import { isNamespaced } from './proof/index.ts';

/** A stack as plain data, all but the edges, which are found by reading it. */
export interface StackData extends Omit<RenderedStack, 'edges' | 'mesh'> {
  readonly files: readonly Required<RenderedFile>[];
  /** The mesh config that an existing install is said to have. */
  readonly claim?: { readonly json: JsonObject; readonly path: string };
}

/**
 * Turns one stack's constructs into plain data, resolving each object once.
 *
 * Every topmost cdk8s Chart below the root is a layer, whoever wrote it; charts inside it belong to it. A root that is itself a
 * Chart is a stack of one layer.
 */
export function renderStack(root: Construct): StackData {
  const layers = new Map<string, { readonly chart: Chart; readonly layer: RenderedLayer }>();
  const files: StackData['files'][number][] = [];
  let claim: StackData['claim'];
  for (const chart of topCharts(root)) {
    const name = chart.node.id;
    const other = layers.get(name);
    if (other) {
      throw new UserError(
        `layers '${other.chart.node.path}' and '${chart.node.path}' would share the folder '${root.node.id}/${name}': give one another id`,
      );
    }
    const variantOf = isLayer(chart) ? chart.variantOf?.node.id : undefined;
    const objects = [];
    for (const c of chart.node.findAll()) {
      if (variantOf !== undefined && (c instanceof StackFile || c instanceof MeshClaim)) {
        throw new UserError(
          `'${c.node.path}' says what is installed, which the variant '${name}' cannot change: put it into '${variantOf}', or make another stack`,
        );
      }
      if (ApiObject.isApiObject(c)) objects.push({ json: toJson(c), path: c.node.path, ...chartOf(c) });
      else if (c instanceof StackFile) files.push({ path: c.path, json: c.content(), construct: c.node.path });
      else if (c instanceof MeshClaim) claim = { json: c.content(), path: c.node.path };
    }
    layers.set(name, { chart, layer: { name, after: afterOf(chart), objects, ...(variantOf ? { variantOf } : {}) } });
  }
  const stack = {
    name: root.node.id,
    layers: [...layers.values()].map(({ layer }) => layer),
    files,
    ...(claim ? { claim } : {}),
  };
  const delivery = deliveryOf(root);
  return delivery ? { ...stack, layers: [...stack.layers, delivery.render(stack)], needsWaiting: true } : stack;
}

function deliveryOf(root: Construct): FluxDelivery | undefined {
  const [delivery, second] = deliveriesIn(root);
  if (delivery && second) {
    throw new UserError(
      `'${delivery.node.path}' and '${second.node.path}' would both apply the layers of stack '${root.node.id}': keep one of them`,
    );
  }
  return delivery;
}

/** None stands inside a chart. */
function deliveriesIn(root: IConstruct): FluxDelivery[] {
  if (root instanceof FluxDelivery) return [root];
  return Chart.isChart(root) ? [] : root.node.children.flatMap(deliveriesIn);
}

/** The chart that a release was made of. */
function chartOf(object: ApiObject): Pick<RenderedObject, 'chart'> {
  const { scope } = object.node;
  return scope instanceof HelmRelease && scope.object === object ? { chart: scope.chart } : {};
}

function topCharts(root: IConstruct): Chart[] {
  return Chart.isChart(root) ? [root] : root.node.children.flatMap(topCharts);
}

/** A Layer says it; a plain Chart's cdk8s dependencies mean the same. */
function afterOf(chart: Chart): string[] {
  const before: readonly IConstruct[] = isLayer(chart) ? chart.after : chart.node.dependencies;
  return [...new Set(before.map((c) => Chart.of(c).node.id))].filter((id) => id !== chart.node.id);
}

function toJson(object: ApiObject): JsonObject {
  const json = object.toJson();
  const { name, namespace, labels, annotations, ...rest } = json.metadata;
  // cdk8s puts the chart's namespace on every object, also on one that has none: an Include of upstream's RBAC, for example.
  const placed =
    namespace === undefined || !isNamespaced(object.apiGroup === 'core' ? '' : object.apiGroup, object.kind) ? {} : { namespace };
  // A reader looks for the name first.
  return {
    ...json,
    metadata: { name, ...placed, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}), ...rest },
  };
}
