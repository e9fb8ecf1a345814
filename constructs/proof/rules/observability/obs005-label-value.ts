import { nearest } from '../../../kit/nearest.ts';
import { remember } from '../../../kit/remember.ts';
import type { Parsed } from '../../model/promql/parse.ts';
import { parsedOf, queriesOf } from '../../model/promql/queries.ts';
import type { Matcher } from '../../model/promql/uses.ts';
import { STAND_IN } from '../../model/promql/variables.ts';
import type { Rule } from '../../rule.ts';

export const labelValue: Rule = {
  code: 'OBS005',
  title: 'a label never has this value',
  severity: 'warning',
  run: (model) =>
    queriesOf(model).flatMap((query) =>
      wrongValues(parsedOf(query)).map(({ says, hint }) => ({ at: query.at, message: `${query.where} ${says}`, hint })),
    ),
  docs: {
    cause:
      'A query matches a label against a value that its metric never has: reporter is source, destination or waypoint, connection_security_policy is mutual_tls, none or unknown, a span kind is SPAN_KIND_SERVER and so on, a response code has three digits. The matcher finds nothing, or with != leaves nothing out.',
    fix: 'Write one of the values; for all codes of a kind `response_code=~"5.."`.',
    example: 'expr: sum(rate(istio_requests_total{reporter="server"}[5m]))   # reporter="destination"',
  },
};

/** Labels with few values, by the metrics that have them (Istio 1.30, standard metrics; OpenTelemetry's span kinds and status codes). */
const CLOSED: readonly { readonly of: RegExp; readonly label: string; readonly values: readonly string[] }[] = [
  { of: /^istio_(request|response|tcp)/, label: 'reporter', values: ['source', 'destination', 'waypoint'] },
  {
    of: /^istio_(request|response|tcp)/,
    label: 'connection_security_policy',
    values: ['mutual_tls', 'none', 'unknown'],
  },
  {
    of: /^traces_span_?metrics_/,
    label: 'span_kind',
    values: ['SERVER', 'CLIENT', 'INTERNAL', 'PRODUCER', 'CONSUMER', 'UNSPECIFIED'].map((kind) => `SPAN_KIND_${kind}`),
  },
  {
    of: /^traces_span_?metrics_/,
    label: 'status_code',
    values: ['OK', 'ERROR', 'UNSET'].map((code) => `STATUS_CODE_${code}`),
  },
];

interface Wrong {
  /** What the query does. */
  readonly says: string;
  readonly hint: string;
}

const wrongValues = remember(({ selectors }: Parsed): readonly Wrong[] => {
  const all = selectors.flatMap(({ metric, matchers }) =>
    metric === undefined ? [] : matchers.flatMap((one) => wrongValue(metric, one)),
  );
  return [...new Map(all.map((one) => [one.says, one])).values()];
});

function wrongValue(metric: string, { label, op, value }: Matcher): Wrong[] {
  if (value === '' || value.includes(STAND_IN)) return [];
  const matched = `${label}${op}"${value}"`;
  if (label === 'response_code' && metric.startsWith('istio_') && /^[1-5]xx$/i.test(value))
    return [
      {
        says: `matches ${matched}, but a response code has three digits`,
        hint: `write ${label}${op.startsWith('!') ? '!~' : '=~'}"${value.charAt(0)}.."`,
      },
    ];
  const closed = CLOSED.find((one) => one.label === label && one.of.test(metric))?.values;
  if (!closed) return [];
  const words = op.endsWith('~') ? value.replace(/^\((.*)\)$/, '$1').split('|') : [value];
  // Other regular expressions may mean anything.
  if (op.endsWith('~') && !words.every((word) => /^\w*$/.test(word))) return [];
  const wrong = words.filter((word) => word !== '' && !closed.includes(word));
  const [first] = wrong;
  if (first === undefined) return [];
  const near = nearest(first, closed);
  return [
    {
      says: `matches ${matched}, but ${label} of ${metric} is never ${wrong.join(' or ')}`,
      hint: near === undefined ? `it is one of ${closed.join(', ')}` : `did you mean "${near}"?`,
    },
  ];
}
