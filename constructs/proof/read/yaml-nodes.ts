import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';

/** What makes a document unfit for reading though its syntax is right, and where. */
export interface NodeFault {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

/** What a walk over a document finds. */
export interface NodeReport {
  readonly fault: NodeFault | undefined;
  /** Whether some key is itself a map or a list. */
  readonly mapAsKey: boolean;
}

/** How deep maps and lists may be nested: the deepest CRDs have about a hundred levels. */
export const MOST_LEVELS = 500;
/** How many anchors and aliases a document with aliases may have: finding what an alias stands for takes time for each. */
const MOST_ALIASES = 10_000;
/** By how many values aliases may make a document larger: nine aliases of nine aliases of ... make a billion of a page. */
const MOST_COPIES = 1_000_000;

/** Nesting that nobody can follow, in words. */
export const TOO_DEEP = {
  message: `more than ${MOST_LEVELS} levels of maps and lists`,
  hint: 'no kind has such fields: remove them',
};

/**
 * Walks over the nodes of a document and finds what the syntax allows but no reader of Kubernetes objects takes, or what would be
 * endless work for whoever follows it: keys stated twice, aliases of nothing, of themselves or of far too much, nesting without end.
 */
export function inspect(contents: unknown): NodeReport {
  const anchors = new Map<string, { readonly node: Scalar | YAMLMap | YAMLSeq; size: number }>();
  const isMergeable = (node: unknown) => isMap(isAlias(node) ? anchors.get(node.source)?.node : node);
  let [marks, copies] = [0, 0];
  let mapAsKey = false;
  let fault: NodeFault | undefined;
  const blame = (node: { readonly range?: readonly number[] | null | undefined }, message: string, hint: string): number => {
    fault ??= { offset: node.range?.[0] ?? 0, message, hint };
    return 0;
  };
  /** The number of values that a node stands for. */
  const measure = (node: unknown, levels: number): number => {
    if (fault) return 0;
    if (isAlias(node)) {
      const known = anchors.get(node.source);
      marks++;
      if (!known)
        return blame(node, `no anchor &${node.source} stands before the alias *${node.source}`, 'add it, or correct the name');
      if (known.size === IN_PROGRESS) return blame(node, `the alias *${node.source} stands inside of its own anchor`, WRITE_OUT);
      copies += known.size;
      if (copies > MOST_COPIES) return blame(node, `the aliases stand for more than ${MOST_COPIES} values`, WRITE_OUT);
      if (marks > MOST_ALIASES) return blame(node, `more than ${MOST_ALIASES} anchors and aliases`, WRITE_OUT);
      return known.size;
    }
    if (!isScalar(node) && !isCollection(node)) return 1;
    const anchor = node.anchor === undefined ? undefined : { node, size: IN_PROGRESS };
    if (node.anchor !== undefined && anchor) {
      marks++;
      anchors.set(node.anchor, anchor);
    }
    let size = 1;
    if (isCollection(node)) {
      if (levels > MOST_LEVELS) return blame(node, TOO_DEEP.message, TOO_DEEP.hint);
      const keys = new Set<string>();
      for (const item of node.items) {
        if (!isPair(item)) {
          size += measure(item, levels + 1);
          continue;
        }
        const { key, value } = item;
        if (isCollection(key)) mapAsKey = true;
        // Several `<<` are several merges.
        if (isMap(node) && isScalar(key) && typeof key.value !== 'symbol') {
          const name = String(key.value);
          if (keys.has(name))
            blame(key, `map keys must be unique, "${name.slice(0, 100)}" is there twice`, 'keep one of the two');
          keys.add(name);
        }
        size += measure(key, levels + 1) + measure(value, levels + 1);
        const isMerge = isScalar(key) && typeof key.value === 'symbol';
        if (isMerge && !(isSeq(value) ? value.items.every(isMergeable) : isMergeable(value)))
          blame(key, 'what is merged with << must be a map', 'give it an alias of a map');
      }
    }
    if (anchor) anchor.size = size;
    return size;
  };
  measure(contents, 0);
  return { fault, mapAsKey };
}

const IN_PROGRESS = -1;
const WRITE_OUT = 'write out what is meant';
