import type { Json } from '../../../kit/json.ts';
import { items, number, text } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { virtualServices } from './virtual-services.ts';

export const retries: Rule = {
  code: 'RTE008',
  title: 'a timeout that leaves no time for the retries',
  severity: 'warning',
  run: (model) => [
    ...virtualServices(model).flatMap((object) =>
      items(object.json, 'spec', 'http').flatMap((rule, i): Fault[] => {
        const found = fault(rule);
        return found ? [{ ...found, at: spotOf(object, ['spec', 'http', i, 'timeout']) }] : [];
      }),
    ),
    ...['HTTPRoute'].flatMap((kind) =>
      model.kind(kind).flatMap((object) =>
        items(object.json, 'spec', 'rules').flatMap((rule, i): Fault[] => {
          const whole = text(rule, 'timeouts', 'request');
          const each = text(rule, 'timeouts', 'backendRequest');
          const [most, one] = [seconds(whole), seconds(each)];
          if (most === undefined || one === undefined || most === 0 || one <= most) return [];
          return [
            {
              at: spotOf(object, ['spec', 'rules', i, 'timeouts', 'backendRequest']),
              severity: 'error',
              message: `${each} is longer than the whole request may take (${whole}): the API server refuses it`,
              hint: `at most ${whole}`,
            },
          ];
        }),
      ),
    ),
  ],
  docs: {
    cause:
      'The timeout of a rule is for all tries together. When each may take perTryTimeout, the time is over before the last retry begins; with a perTryTimeout longer than the timeout no try is ever cut short for another one.',
    fix: 'Make the timeout at least attempts x perTryTimeout, or the tries shorter.',
    example:
      'http:\n- timeout: 3s\n  retries: {attempts: 3, perTryTimeout: 2s}   # 6 s\n  route: [{destination: {host: reviews}}]',
  },
};

function fault(rule: Json): Pick<Fault, 'message' | 'hint'> | undefined {
  const [timeout, each] = [text(rule, 'timeout'), text(rule, 'retries', 'perTryTimeout')];
  const [whole, one] = [seconds(timeout), seconds(each)];
  const attempts = number(rule, 'retries', 'attempts') ?? 0;
  // 0s means no limit.
  if (whole === undefined || one === undefined || whole === 0 || one === 0 || attempts < 1) return undefined;
  if (one > whole) {
    return {
      message: `the timeout of ${timeout} ends the request before a single try may (perTryTimeout ${each}), so nothing is retried after a slow answer`,
      hint: `make perTryTimeout shorter than ${timeout}, or the timeout at least ${round(attempts * one)}s`,
    };
  }
  if (attempts * one <= whole) return undefined;
  return {
    message: `the timeout of ${timeout} is over before ${attempts} attempts of ${each} each (${round(attempts * one)}s) are`,
    hint: `make the timeout at least ${round(attempts * one)}s, or perTryTimeout at most ${round(whole / attempts)}s`,
  };
}

function round(value: number): number {
  return Math.floor(value * 1000 + 1e-6) / 1000;
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

/** Reads a duration as Go and the Gateway API write it (`1m30s`, `500ms`), in seconds; undefined for what is none. */
function seconds(duration: string | undefined): number | undefined {
  if (duration === undefined || !/^(\d+(\.\d+)?(h|ms|m|s|us|ns))+$/.test(duration)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|ns)/g)) {
    sum += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  }
  return sum;
}
