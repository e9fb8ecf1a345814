import { browserUrl, type Page } from '../kit/index.ts';

/** The first parts of the paths that Prometheus answers (Prometheus 3, web.go). */
const own = new Set(
  '- agent alertmanager-discovery alerts api assets config consoles debug federate flags graph metrics query rules service-discovery static status targets tsdb-status version'.split(
    ' ',
  ),
);

/**
 * Where people open a Prometheus, for links in its alerts: undefined where it is not published, or only a part of it is.
 *
 * @internal
 */
export function externalUrlOf(page: Page): string | undefined {
  const url = browserUrl(page);
  return url === undefined || new URL(url).pathname !== '/' ? undefined : url;
}

/**
 * What is wrong with the path below which it is let in: all of ours hand a path on as it is, and it answers at its own only.
 *
 * @param where the construct to name in an error
 * @internal
 */
export function answersNothing(page: Page, where: string): string[] {
  const url = browserUrl(page);
  if (url === undefined) return [];
  const { pathname } = new URL(url);
  const [, first = ''] = pathname.split('/');
  if (first === '' || own.has(first)) return [];
  return [
    `prometheus '${where}' is published below '${pathname}', where it answers nothing: give it a host of its own and leave path out, or let in a path that it has, '/api'`,
  ];
}
