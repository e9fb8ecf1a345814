import type { Tree } from '@lezer/common';

/** A node of a query's syntax, named as the grammar does: `VectorSelector`. */
export interface SyntaxNode {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly children: SyntaxNode[];
}

/** Deeper than any query that a person writes, and not too deep for those that walk it. */
const DEEPEST = 300;

/**
 * A parser's tree as plain data, in one pass: each step through the parser's own costs. Where it gave up instead, if it did; undefined for
 * one that is too deep.
 */
export function syntaxOf(tree: Tree): SyntaxNode | number | undefined {
  const cursor = tree.cursor();
  const top: SyntaxNode = { name: cursor.name, from: cursor.from, to: cursor.to, children: [] };
  const open = [top];
  for (;;) {
    const parent = open.at(-1);
    if (cursor.firstChild()) {
      if (parent) open.push(add(parent, cursor));
    } else {
      while (!cursor.nextSibling()) {
        open.pop();
        if (!cursor.parent() || open.length === 0) return top;
      }
      open.pop();
      const next = open.at(-1);
      if (next) open.push(add(next, cursor));
    }
    if (cursor.type.isError) return cursor.from;
    if (open.length > DEEPEST) return undefined;
  }
}

/** The first child of a name. */
export function childOf(node: SyntaxNode | undefined, name: string): SyntaxNode | undefined {
  return node?.children.find((child) => child.name === name);
}

function add(
  parent: SyntaxNode,
  { name, from, to }: { readonly name: string; readonly from: number; readonly to: number },
): SyntaxNode {
  const node: SyntaxNode = { name, from, to, children: [] };
  parent.children.push(node);
  return node;
}
