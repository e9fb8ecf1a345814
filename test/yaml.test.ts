// biome-ignore-all lint/suspicious/noTemplateCurlyInString: strings that only look like templates are what is tested
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { toYaml } from '../constructs/kit/yaml.ts';

const versions = ['1.1', '1.2'] as const;

const hostile: readonly string[] = [
  ...[
    '',
    ' ',
    'yes',
    'No',
    'y',
    'N',
    'on',
    'OFF',
    'true',
    'False',
    'null',
    'Null',
    '~',
    '=',
    '<<',
    '-',
    '?',
    ':',
    '--- a',
    '...',
    '%',
  ],
  ...[
    '1e3',
    '1E3',
    'e5',
    '-E12',
    'e+5',
    '0o7',
    '07',
    '0x1F',
    '0b1',
    '1_000',
    '12:30',
    '190:20:30',
    '.5',
    '5.',
    '+1',
    '-1',
    '.inf',
    '-.Inf',
    '.NaN',
  ],
  ...[
    '2001-01-01',
    '2001-12-14t21:59:43.10-05:00',
    '1.30.3',
    '10.0.0.1',
    '100m',
    '1E',
    '1Ei',
    '@a',
    '`a',
    '!t',
    '&a',
    '*a',
    '|',
    '>',
  ],
  ...[
    'a: b',
    'a :b',
    'a #b',
    'a#b',
    'a:',
    ' a',
    'a ',
    'a\t',
    '\ta',
    "it's",
    '"q"',
    `'"`,
    '\\n',
    '{a}',
    '[a',
    'a,b',
    '$(VAR)',
    '${x}',
  ],
  ...[
    'a\n',
    'a\nb',
    'a\n\n\n',
    '\na',
    '\n',
    '\n\n\n',
    '  a\nb',
    '\ta\nb',
    'a \nb\t\n c',
    'a\n  ',
    'a\n\t\nb',
    'a\r\nb',
    'a\rb',
    '---\na\n...\n',
  ],
  ...[
    '\u0085',
    'a\u0085b',
    'a\u2028b\nc',
    '\u2029',
    '\ufeff',
    '\ufeffa\nb',
    '\u0000',
    '\u001b[1m',
    '\u007f',
    '\u009f',
    '\ufffe',
    '\uffff',
  ],
  ...[
    'é',
    '😀',
    '😀\n😀',
    '\ud800',
    '\u00a0',
    'x'.repeat(65_536),
    'word '.repeat(13_000),
    `${'x'.repeat(300)}\n${'y '.repeat(300)}z`,
  ],
];

function comesBack(text: string): void {
  const value = { [text]: text, nested: { list: [text, [text, { deep: text }], 'end'], last: text }, end: 'end' };
  for (const version of versions) expect(parse(toYaml(value), { version, uniqueKeys: true })).toEqual(value);
}

test.each(hostile.map((text) => [JSON.stringify(text).slice(0, 40), text] as const))('%s comes back unchanged', (_, text) => {
  comesBack(text);
});

const pieces = fc
  .array(fc.constantFrom(...hostile.filter((text) => text.length < 30)), { maxLength: 4 })
  .map((list) => list.join(''));

test('any string comes back unchanged, as a key and as a value', { timeout: 60_000 }, () => {
  fc.assert(fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' }), fc.string()), comesBack), { numRuns: 800 });
});

test('any JSON value comes back unchanged, one document after another', { timeout: 60_000 }, () => {
  const json = fc.jsonValue({ stringUnit: 'binary' });
  const pure = fc.tuple(json, json).map((value) => JSON.parse(JSON.stringify(value)));
  fc.assert(
    fc.property(pure, ([a, b]) => {
      for (const version of versions) {
        const documents = parseAllDocuments(`---\n${toYaml({ a })}---\n${toYaml({ b })}`, { version });
        expect(documents.map((document) => document.toJS())).toEqual([{ a }, { b }]);
      }
    }),
    { numRuns: 300 },
  );
});

test('text of several lines is a literal block', () => {
  expect(toYaml({ config: 'a:\n  b: "1"\n' })).toBe('config: |\n  a:\n    b: "1"\n');
  expect(toYaml({ config: 'a\n\nb' })).toBe('config: |-\n  a\n\n  b\n');
});

test('text that a literal block would lose in some reader or editor is quoted', () => {
  for (const text of ['\ta\nb', '  a\nb', 'a\nb ', 'a\n\t', '\n\n', 'a\r\nb', 'a\u0085\nb'])
    expect(toYaml({ text })).toMatch(/^text: ".*"\n$/);
});

test('ordinary text needs no quotes', () => {
  const words = [
    'reviews.bookinfo.svc.cluster.local',
    '/jaeger',
    'docker.io/istio/pilot:1.30.3',
    '--config=/etc/a.yaml',
    '100m',
    '15s',
    '128Mi',
    'a b',
  ];
  expect(toYaml(words)).toBe(words.map((word) => `- ${word}\n`).join(''));
});

test('long lines are not folded', () => {
  const long = 'word '.repeat(100).trim();
  expect(toYaml({ long, config: `${long}\n${long}\n` }).split('\n')).toHaveLength(5);
});

test('the same object twice gives no anchor and no alias', () => {
  const labels = { app: 'reviews' };
  expect(toYaml({ a: labels, b: labels, c: [labels] })).toBe('a:\n  app: reviews\nb:\n  app: reviews\nc:\n  - app: reviews\n');
});

test('numbers are numbers to a reader that wants a dot in every float', () => {
  expect(toYaml({ a: 1e21, b: 1e-7, c: 0.5, d: 80, e: -1.5e300 })).toBe('a: 1.0e+21\nb: 1.0e-7\nc: 0.5\nd: 80\ne: -1.5e+300\n');
});
