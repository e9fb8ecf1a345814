import { childOf, type SyntaxNode } from './syntax.ts';
import { STAND_IN } from './variables.ts';

/** `{label="value"}`. */
export interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}

/** One selector of series. */
export interface Selector {
  /** Undefined when it names no single metric. */
  readonly metric: string | undefined;
  readonly matchers: readonly Matcher[];
}

/** What an expression yields. */
export interface Vector {
  /** The metrics it comes from. */
  readonly metrics: readonly string[];
  /** Others may be among them. */
  readonly open: boolean;
  /** The only labels that an aggregation left; undefined when none has cut them. */
  readonly kept: ReadonlySet<string> | undefined;
  /** Labels that an aggregation took away. */
  readonly dropped: ReadonlySet<string>;
  /** Labels that the query itself makes: label_replace, group_left. */
  readonly made: ReadonlySet<string>;
}

/** A label that is asked for. */
export interface LabelUse {
  readonly label: string;
  readonly as: 'matcher' | 'grouping' | 'matching';
  readonly of: Vector;
}

/** A call whose argument must be of a certain kind. */
export interface Call {
  readonly name: string;
  readonly of: Vector;
}

type Uses = { readonly selectors: Selector[]; readonly labels: LabelUse[]; readonly calls: Call[] };

const NO_LABELS: ReadonlySet<string> = new Set();
const CALLS: ReadonlySet<string> = new Set(['rate', 'irate', 'increase', 'histogram_quantile']);
const METRIC = /^[a-zA-Z_:][\w:]*$/;

/** Everything that a query asks for, from its syntax tree. */
export function usesIn(tree: SyntaxNode, text: string): Uses {
  const uses: Uses = { selectors: [], labels: [], calls: [] };
  const slice = (node: SyntaxNode) => text.slice(node.from, node.to);

  const vectorOf = (node: SyntaxNode): Vector | undefined => {
    switch (node.name) {
      case 'VectorSelector':
        return selected(node);
      case 'AggregateExpr':
        return aggregated(node);
      case 'FunctionCall':
        return called(node);
      case 'BinaryExpr':
        return combined(node);
      default: {
        const inner = children(node).flatMap((child) => vectorOf(child) ?? []);
        return inner[0];
      }
    }
  };

  const selected = (node: SyntaxNode): Vector => {
    const identifier = childOf(node, 'Identifier');
    const inner = childOf(node, 'LabelMatchers');
    const quoted = childOf(inner, 'QuotedLabelName');
    const matchers = children(inner).flatMap((child): Matcher[] => {
      const label = childOf(child, 'LabelName') ?? childOf(child, 'QuotedLabelName');
      const op = childOf(child, 'MatchOp');
      const value = child.name === 'QuotedLabelMatcher' ? child.children.at(-1) : childOf(child, 'StringLiteral');
      return label && op && value ? [{ label: unquoted(slice(label)), op: slice(op), value: unquoted(slice(value)) }] : [];
    });
    const name = matchers.find(({ label }) => label === '__name__');
    const named = identifier ? slice(identifier) : quoted ? unquoted(slice(quoted)) : name?.op === '=' ? name.value : undefined;
    const alternatives = name?.op === '=~' ? name.value.replace(/^\((.*)\)$/, '$1').split('|') : [];
    const metrics = named !== undefined ? [named] : alternatives;
    const open = metrics.length === 0 || metrics.some((one) => one.includes(STAND_IN) || !METRIC.test(one));
    const vector = { metrics: open ? [] : metrics, open, kept: undefined, dropped: NO_LABELS, made: NO_LABELS };
    uses.selectors.push({ metric: open ? undefined : named, matchers });
    for (const { label } of matchers) uses.labels.push({ label, as: 'matcher', of: vector });
    return vector;
  };

  const aggregated = (node: SyntaxNode): Vector | undefined => {
    const args = children(childOf(node, 'FunctionCallBody'));
    const inner = args.flatMap((arg) => vectorOf(arg) ?? []).at(-1);
    const modifier = childOf(node, 'AggregateModifier');
    const labels = labelsIn(childOf(modifier, 'GroupingLabels'));
    const op = slice(childOf(node, 'AggregateOp') ?? node).toLowerCase();
    if (!inner) return undefined;
    for (const label of labels) uses.labels.push({ label, as: 'grouping', of: inner });
    // These pick series and leave them as they are.
    if (/^(topk|bottomk|limitk|limit_ratio)$/.test(op)) return inner;
    const counted = op === 'count_values' && args[0] ? [unquoted(slice(args[0]))] : [];
    const made = new Set([...inner.made, ...counted]);
    if (childOf(modifier, 'Without')) return { ...inner, made, dropped: new Set([...inner.dropped, ...labels]) };
    const still = labels.some((label) => label.includes(STAND_IN)) ? undefined : new Set([...labels, ...counted]);
    return { ...inner, made: still ? new Set(counted) : made, kept: still, dropped: NO_LABELS };
  };

  const called = (node: SyntaxNode): Vector | undefined => {
    const name = slice(childOf(node, 'FunctionIdentifier') ?? node);
    const args = children(childOf(node, 'FunctionCallBody'));
    const [inner] = args.flatMap((arg) => vectorOf(arg) ?? []);
    if (!inner) return undefined;
    if (CALLS.has(name)) uses.calls.push({ name, of: inner });
    const target = name === 'label_replace' || name === 'label_join' ? args[1] : undefined;
    if (target) return { ...inner, made: new Set([...inner.made, unquoted(slice(target))]) };
    // `info` brings labels of target_info.
    return name === 'info' ? { ...inner, open: true } : inner;
  };

  const combined = (node: SyntaxNode): Vector | undefined => {
    const [first] = node.children;
    const last = node.children.at(-1);
    const left = first && vectorOf(first);
    const right = last && vectorOf(last);
    if (!left || !right) return left ?? right;
    const clause = childOf(node, 'MatchingModifierClause');
    const [matching, group] = clause?.children.filter(({ name }) => name === 'GroupingLabels') ?? [];
    const grouped = childOf(clause, 'GroupLeft') ?? childOf(clause, 'GroupRight');
    const both = { ...left, metrics: [...left.metrics, ...right.metrics], open: left.open || right.open };
    const joint = { ...both, kept: undefined, dropped: NO_LABELS, made: new Set([...left.made, ...right.made]) };
    for (const label of labelsIn(matching)) uses.labels.push({ label, as: 'matching', of: joint });
    const brought = labelsIn(group);
    for (const label of brought) uses.labels.push({ label, as: 'matching', of: joint });
    if (childOf(node, 'And') || childOf(node, 'Unless')) return left;
    if (childOf(node, 'Or')) return joint;
    const many = childOf(clause, 'GroupRight') ? right : left;
    if (grouped || !childOf(clause, 'On'))
      return { ...joint, made: new Set([...joint.made, ...brought]), kept: brought.length > 0 ? undefined : many.kept };
    return { ...joint, kept: new Set(labelsIn(matching)) };
  };

  const labelsIn = (node: SyntaxNode | undefined): string[] => children(node).map((child) => unquoted(slice(child)));

  vectorOf(tree);
  return uses;
}

function children(node: SyntaxNode | undefined): readonly SyntaxNode[] {
  return node?.children ?? [];
}

/** What a string literal says; anything else as it is. */
function unquoted(literal: string): string {
  const quote = literal.charAt(0);
  if (quote === '`') return literal.slice(1, -1);
  return quote === '"' || quote === "'" ? literal.slice(1, -1).replace(/\\(.)/g, '$1') : literal;
}
