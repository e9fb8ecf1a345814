// What can be told of an object of YAML without reading it: less than is there, or more, but nothing that is wrong.

/** The namespace that the metadata state, one step in: not a label, not in a comment. Undefined where that cannot be told. */
export function namespaceIn(text: string): string | undefined {
  const metadata = /^["']?metadata["']?:(.*\n?(?:[ \t].*\n?|\r?\n)*)/m.exec(text)?.[1];
  if (metadata === undefined || metadata.includes('#')) return undefined;
  const [, braces] = /^[ \t]*\{([\s\S]*)$/.exec(metadata) ?? [];
  const [, indent = ''] = /^[ \t]*\r?\n([ \t]*)/.exec(metadata) ?? [];
  const key = `["']?namespace["']?:[ \\t]*["']?([^\\s"',}]+)`;
  if (braces === undefined) return new RegExp(`^${indent}${key}`, 'm').exec(metadata)?.[1];
  return new RegExp(`(?:^|,)\\s*${key}`).exec(braces.replaceAll(/\{[^{}]*\}/g, ''))?.[1];
}

/** Whether a text holds a word that stands for itself. */
export function holds(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/[\w-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + word.length] ?? ' ')) return true;
  }
  return false;
}

/** Every value of a key, wherever it stands. */
export function valuesOf(key: string, text: string): string[] {
  const found = text.matchAll(new RegExp(`\\b${key}["']?:[ \\t]*["']?([^\\s"',}]+)`, 'g'));
  return [...found].flatMap(([, value]) => value ?? []);
}

/** The values of a Service's selector: a workload's text that lacks one of them is none of its. None at all where they cannot be told. */
export function selectorOf(text: string): readonly string[] | undefined {
  const stated = text.match(/selector/g)?.length ?? 0;
  const [, , inLines, inBraces] = /^( +)selector:(?:[ \t]*\r?\n((?:\1[ \t]+.*\n?)+)|[ \t]*\{([^}]*)\})/m.exec(text) ?? [];
  const values = inLines ?? inBraces;
  if (values === undefined || values.includes('#') || stated > 1) return stated > 0 ? [] : undefined;
  return [...values.matchAll(/:[ \t]*["']?([^\s"',]+)/g)].flatMap(([, value]) => value ?? []);
}
