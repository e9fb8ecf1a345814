import type { RunbookFacts } from '../runbook/facts.ts';
import { type PageKind, pagesOf } from '../runbook/pages.ts';
import { call, type Step } from './step.ts';

/** Where pages say that they are well, below the page's own path (Kiali 2, Grafana 13, Prometheus 3); backends are asked for traces instead. */
const HEALTH: Readonly<Partial<Record<PageKind, string>>> = {
  kiali: '/healthz',
  grafana: '/api/health',
  prometheus: '/-/healthy',
};

/** Whether the pages answer; nothing where the stack has none. */
export function pagesStep({ model }: RunbookFacts): Step[] {
  const found = pagesOf(model).flatMap(({ is, path, at: [place] }) => {
    const health = HEALTH[is];
    if (health === undefined || !place) return [];
    const { namespace, name } = place.service;
    return [{ is, line: call('page', is, namespace, `service/${name}`, place.port, `${path}${health}`) }];
  });
  if (found.length === 0) return [];
  const names = [...new Set(found.map(({ is }) => is))].sort();
  const title = `the page${names.length > 1 ? 's' : ''} of ${names.join(', ')} answer${names.length > 1 ? '' : 's'}`;
  return [{ title, more: '"Ways in"', lines: [...new Set(found.map(({ line }) => line))] }];
}

export const PAGE = `
page() { # its name, namespace, service/NAME, port, path
  forward "$2" "$3" "$4"
  start_clock
  until code=$(get -o /dev/null -w '%{http_code}' "http://$at$5") && [ "$code" = 200 ]; do
    again 2 || fail "200 from $5 of $1" "$code $(grep . "$work/err" | tail -n 1)" "$KUBECTL -n $2 describe $3"
  done
  note "$1"
}
`;
