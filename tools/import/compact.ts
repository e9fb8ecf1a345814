/**
 * Makes ajv's standalone code about a third of its size. Should ajv write another code one day, nothing matches and the code stays as it is.
 *
 * - An error is pushed in one line.
 * - What no validator here reads goes: the parent of a value, and copies of the schema for messages (the reader has the schema itself).
 */
export function compact(code: string): string {
  const short = code
    .replace(
      /const (err\d+) = (\{.*\});\nif\(vErrors === null\)\{\nvErrors = \[\1\];\n\}\nelse \{\nvErrors\.push\(\1\);\n\}\nerrors\+\+;/g,
      '(vErrors ??= []).push($2);\nerrors++;',
    )
    .replace(/,parentData:\w+,parentDataProperty:(?:\w+|"(?:[^"\\]|\\.)*"),rootData\}/g, '}')
    .replace(/\{instancePath="", parentData, parentDataProperty, rootData=data\}=\{\}/g, '{instancePath=""}={}')
    .replace(/params:\{(?:type|allowedValues): schema\d[^{}]*\}\}/g, 'params:{}}');
  const used = new Map<string, number>();
  for (const [name] of short.matchAll(/\bschema\d+\b/g)) used.set(name, (used.get(name) ?? 0) + 1);
  return short.replace(/^const (schema\d+) = .*;\n/gm, (line, name: string) => (used.get(name) === 1 ? '' : line));
}
