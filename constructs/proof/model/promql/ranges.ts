import { childOf, type SyntaxNode } from './syntax.ts';

/** A place where a query needs a range and has none, or has one that nobody takes. */
export interface RangeFault {
  /** The function that stands around it. */
  readonly name: string;
  readonly is: 'missing' | 'unwanted';
  /** What stands there, as written. */
  readonly text: string;
}

// Functions over the samples of a time (Prometheus 3.14, query functions).
const OF_RANGES =
  /^(rate|irate|increase|delta|idelta|deriv|changes|resets|predict_linear|holt_winters|double_exponential_smoothing|\w+_over_time)$/;
const WRAPS: ReadonlySet<string> = new Set(['ParenExpr', 'OffsetExpr', 'StepInvariantExpr', 'AnchoredExpr', 'SmoothedExpr']);
const RANGES: ReadonlySet<string> = new Set(['MatrixSelector', 'SubqueryExpr']);

/** Where ranges (`[5m]`) do not fit in a query, from its syntax tree. */
export function rangeFaults(tree: SyntaxNode, text: string): RangeFault[] {
  const faults: RangeFault[] = [];
  const slice = (node: SyntaxNode) => text.slice(node.from, node.to);
  const visit = (node: SyntaxNode, taker: string | undefined): void => {
    const name = nameOf(node, slice);
    if (RANGES.has(node.name) && taker !== undefined && !OF_RANGES.test(taker))
      faults.push({ name: taker, is: 'unwanted', text: slice(node) });
    if (name === undefined) {
      for (const child of node.children) visit(child, WRAPS.has(node.name) ? taker : undefined);
      return;
    }
    const args = childOf(node, 'FunctionCallBody')?.children ?? [];
    if (node.name === 'FunctionCall' && OF_RANGES.test(name) && args.length > 0 && !args.some(isRange)) {
      const of = args.find((arg) => unwrapped(arg).name !== 'NumberDurationLiteral') ?? args[0];
      if (of) faults.push({ name, is: 'missing', text: slice(of) });
    }
    for (const arg of args) visit(arg, name);
  };
  visit(tree, undefined);
  return faults;
}

function nameOf(node: SyntaxNode, slice: (node: SyntaxNode) => string): string | undefined {
  const named =
    node.name === 'FunctionCall'
      ? childOf(node, 'FunctionIdentifier')
      : node.name === 'AggregateExpr'
        ? childOf(node, 'AggregateOp')
        : undefined;
  return named && slice(named);
}

function isRange(node: SyntaxNode): boolean {
  return RANGES.has(unwrapped(node).name);
}

function unwrapped(node: SyntaxNode): SyntaxNode {
  const [inner] = node.children;
  return WRAPS.has(node.name) && inner ? unwrapped(inner) : node;
}
