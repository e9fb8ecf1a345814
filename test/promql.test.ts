// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Grafana look like templates
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery } from '../constructs/proof/model/promql/parse.ts';
import { STAND_IN, withoutVariables } from '../constructs/proof/model/promql/variables.ts';

const filled = (query: string) => withoutVariables(query).text.replaceAll(STAND_IN, 'V');

describe('variables of Grafana', () => {
  it.each([
    ['up', 'up', false],
    ['rate(a{b=~"$c", d="${e:regex}", f=\'[[g]]\'}[$__rate_interval])', 'rate(a{b=~"V", d="V", f=\'V\'}[5m])', false],
    ['rate(a[${minutes}m:$step] offset $ago)', 'rate(a[5m:5m] offset 5m)', false],
    ['rate(a[5$unit])', 'rate(a[5m])', false],
    ['a * $__interval_ms / ${__range_s}', 'a * 1 / 1', false],
    ['a @ $when', 'a @ 1', false],
    ['rate(a{b=~$c, $d="e"}[1m])', 'rate(a{b=~"V", V="e"}[1m])', false],
    // A matcher in provisioning, where a dollar is doubled in the file.
    ['rate(a{$$__tags}[1m])', 'rate(a{V="V"}[1m])', false],
    ['sum by ($by) (a)', 'sum by (V) (a)', true],
    ['$agg by (b) (${fn}(a[1m]))', 'sum by (b) (sum(a[1m]))', true],
    ['a_$b > $limit', 'a_V > V', true],
    // Not variables: groups of label_replace, escaped quotes.
    ['label_replace(a, "b", "$1-${1}", "c", "(.*)\\"$d")', 'label_replace(a, "b", "$1-${1}", "c", "(.*)\\"V")', false],
    ['a{b=`\\`, c="$d"}', 'a{b=`\\`, c="V"}', false],
  ])('%s', (query, text, open) => {
    expect(filled(query)).toBe(text);
    expect(withoutVariables(query).open).toBe(open);
    expect(parseQuery(query).fault).toBeUndefined();
  });
});

describe('a query', () => {
  it.each([
    ['sum(rate(a[5m])', 15],
    ['sum(a) by (b', 12],
    ['a{b="c"', 7],
    ['', 0],
    ['sum rate(a[5m])', 4],
    ['a | b', 2],
  ])('%s cannot be parsed, from %d', (query, at) => {
    expect(parseQuery(query).fault).toBe(at);
  });

  const labels = (query: string) =>
    parseQuery(query).labels.map(({ label, as, of }) => `${as} ${label} of ${of.open ? '?' : of.metrics.join(',')}`);

  it('asks for labels of the metrics it selects', () => {
    expect(labels('sum by (a) (rate(m{b="c", "d.e"!~"f"}[5m]))')).toEqual([
      'matcher b of m',
      'matcher d.e of m',
      'grouping a of m',
    ]);
    expect(labels('{"m", a="b"} / on (c) group_left (d) n')).toEqual([
      'matcher a of m',
      'matching c of m,n',
      'matching d of m,n',
    ]);
    expect(labels('{__name__=~"m|n", a="b"}')).toEqual(['matcher __name__ of m,n', 'matcher a of m,n']);
    expect(labels('{__name__=~"m.*", a="b"}')).toEqual(['matcher __name__ of ?', 'matcher a of ?']);
    expect(labels('topk(3, sum without (a) (-(m offset 5m)) > 2)')).toEqual(['grouping a of m']);
    expect(labels('max_over_time(m{a="b"}[1h:5m])')).toEqual(['matcher a of m']);
    expect(labels('m_$x{a="b"}')).toEqual(['matcher a of ?']);
  });

  const left = (query: string) => {
    const use = parseQuery(query).labels.at(-1)?.of;
    return { kept: use?.kept && [...use.kept], dropped: [...(use?.dropped ?? [])], made: [...(use?.made ?? [])] };
  };

  it('knows which labels an aggregation leaves', () => {
    expect(left('sum by (z) (sum by (a, b) (m))')).toEqual({ kept: ['a', 'b'], dropped: [], made: [] });
    expect(left('sum by (z) (sum(m))')).toEqual({ kept: [], dropped: [], made: [] });
    expect(left('sum by (z) (sum without (a) (m))')).toEqual({ kept: undefined, dropped: ['a'], made: [] });
    expect(left('sum by (z) (topk by (a) (3, m))')).toEqual({ kept: undefined, dropped: [], made: [] });
    expect(left('sum by (z) (sum by ($a) (m))')).toEqual({ kept: undefined, dropped: [], made: [] });
    expect(left('sum by (z) (label_replace(sum by (a) (m), "n", "$1", "a", "(.*)"))')).toEqual({
      kept: ['a'],
      dropped: [],
      made: ['n'],
    });
    expect(left('sum by (z) (count_values("v", m))')).toEqual({ kept: ['v'], dropped: [], made: ['v'] });
    expect(left('sum by (z) (m * on (a) n)')).toEqual({ kept: ['a'], dropped: [], made: [] });
    expect(left('sum by (z) (m * on (a) group_left (b) n)')).toEqual({ kept: undefined, dropped: [], made: ['b'] });
  });

  it('may be anything', () => {
    const pieces = [
      'sum',
      ' by ',
      '(',
      ')',
      '{',
      '}',
      '[',
      ']',
      '5m',
      'a',
      ',',
      '=~',
      '"',
      "'",
      '$x',
      '${y:z}',
      '[[w]]',
      ' / ',
      'on',
      '\\',
      '#',
      '\n',
      '$$',
    ];
    const query = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 30 }).map((some) => some.join(''));
    fc.assert(
      fc.property(query, (one) => typeof parseQuery(one).text === 'string'),
      { seed: 11, numRuns: 500 },
    );
  });

  it('may be nested as deep as it likes', () => {
    const deep = (depth: number) => `${'('.repeat(depth)}istio_requests_total${')'.repeat(depth)}`;
    expect(parseQuery(deep(100)).selectors).toHaveLength(1);
    expect(parseQuery(deep(20_000))).toMatchObject({ fault: undefined, selectors: [] });
  });

  it('is read once', () => {
    expect(parseQuery('sum(once)')).toBe(parseQuery('sum(once)'));
  });
});
