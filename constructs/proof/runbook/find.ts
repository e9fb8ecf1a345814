import type { Program } from '../model/spans/programs.ts';
import { askFirst, MARK } from './ask.ts';
import { basePath, deployName, type RunbookFacts, serviceFor } from './facts.ts';
import { callOf } from './find-call.ts';
import { otherWays } from './find-links.ts';
import { forward } from './forward.ts';
import { table as tableOf } from './markdown.ts';
import { pageOf } from './pages.ts';
import { dashboard } from './ways-in.ts';

/** The section that tells how to find a trace, in each backend of the stack. */
export function findSection(facts: RunbookFacts): string {
  const ways = facts.backends.map((program) => HOW[program.is]?.(facts, program) ?? '');
  if (ways.every((way) => way === '')) return '';
  return ['## Find a trace', ...askFirst(facts), ...ways.filter((way) => way !== ''), ...otherWays(facts)].join('\n\n');
}

const TRACE_ID = 'TRACE_ID';

const HOW: Readonly<Record<Program['is'], ((facts: RunbookFacts, program: Program) => string) | undefined>> = {
  collector: undefined,
  jaeger: (facts, program) => {
    const base = basePath(program);
    const query = serviceFor(facts.model, program, 16686);
    const api = `http://localhost:16686${base}`;
    const service = facts.app?.spanName ?? 'SERVICE.NAMESPACE';
    return [
      `### In Jaeger`,
      open(facts, program, { port: 16686, istioctl: 'jaeger', base, published: query && facts.published(query.service) }),
      table([
        [
          'any trace of a service',
          `Service \`${service}\`, *Find Traces*`,
          `curl -s '${api}/api/traces?service=${service}&limit=1'`,
        ],
        [
          'that one request',
          `Tags \`guid:x-client-trace-id=${MARK}\``,
          `curl -s '${api}/api/traces?service=${service}&tags=%7B%22guid%3Ax-client-trace-id%22%3A%22${MARK}%22%7D'`,
        ],
        ['failures', 'Tags `error=true`', `curl -s '${api}/api/traces?service=${service}&tags=%7B%22error%22%3A%22true%22%7D'`],
        ['slow requests', 'Min Duration `500ms`', `curl -s '${api}/api/traces?service=${service}&minDuration=500ms'`],
        ...callOf(facts).map(({ from, to, operation }): [string, string, string] => [
          `calls of \`${to}\` by \`${from}\``,
          `Service \`${from}\`, Operation \`${operation}\``,
          `curl -s '${api}/api/traces?service=${from}&operation=${encodeURIComponent(operation)}'`,
        ]),
        [
          'one trace by its id',
          `the search field above, or \`${base}/trace/${TRACE_ID}\``,
          `curl -s '${api}/api/traces/${TRACE_ID}'`,
        ],
        ['services that sent spans', 'the list *Service*', `curl -s '${api}/api/services'`],
      ]),
    ].join('\n\n');
  },
  tempo: (facts, program) => {
    const service = facts.app?.spanName ?? 'SERVICE.NAMESPACE';
    const search = (query: string) => `curl -sG 'http://localhost:3200/api/search' --data-urlencode 'q=${query}'`;
    const queries: readonly (readonly [string, string])[] = [
      ['any trace of a service', `{ resource.service.name = "${service}" }`],
      ['that one request', `{ span."guid:x-client-trace-id" = "${MARK}" }`],
      ['failures', `{ resource.service.name = "${service}" && status = error }`],
      ['slow requests', `{ resource.service.name = "${service}" && duration > 500ms }`],
      ...callOf(facts).map(
        ({ from, to }) =>
          [
            `calls of \`${to}\` because of \`${from}\``,
            `{ resource.service.name = "${from}" } >> { resource.service.name = "${to}" }`,
          ] as const,
      ),
      ['failures of any service', '{ status = error }'],
    ];
    return [
      '### In Tempo, through Grafana',
      throughGrafana(facts, program),
      table([
        ...queries.map(([what, query]): [string, string, string] => [what, `\`${query}\``, search(query)]),
        ['one trace by its id', 'the id itself instead of a query', `curl -s 'http://localhost:3200/api/traces/${TRACE_ID}'`],
      ]),
    ].join('\n\n');
  },
  zipkin: (facts, program) => {
    const service = facts.app?.spanName ?? 'service.namespace';
    const query = serviceFor(facts.model, program, 9411);
    const api = 'http://localhost:9411/api/v2';
    return [
      '### In Zipkin',
      open(facts, program, {
        port: 9411,
        istioctl: 'zipkin',
        base: '/zipkin/',
        published: query && facts.published(query.service),
      }),
      table([
        [
          'any trace of a service',
          `\`serviceName=${service}\`, *Run query*`,
          `curl -s '${api}/traces?serviceName=${service}&limit=1'`,
        ],
        [
          'that one request',
          `\`tagQuery=guid:x-client-trace-id=${MARK}\``,
          `curl -s '${api}/traces?annotationQuery=guid:x-client-trace-id%3D${MARK}'`,
        ],
        ['failures', '`tagQuery=error`', `curl -s '${api}/traces?serviceName=${service}&annotationQuery=error'`],
        ['slow requests', '`minDuration=500ms`', `curl -s '${api}/traces?serviceName=${service}&minDuration=500000'`],
        ...callOf(facts).map(({ from, to, operation }): [string, string, string] => [
          `calls of \`${to}\` by \`${from}\``,
          `\`serviceName=${from}\`, \`spanName=${operation}\``,
          `curl -s '${api}/traces?serviceName=${from}&spanName=${encodeURIComponent(operation)}'`,
        ]),
        ['one trace by its id', `*Search by trace ID*, or \`/zipkin/traces/${TRACE_ID}\``, `curl -s '${api}/trace/${TRACE_ID}'`],
        ['services that sent spans', 'the list *serviceName*', `curl -s '${api}/services'`],
      ]),
    ].join('\n\n');
  },
  skywalking: (facts) => {
    const pages = pageOf(facts.model, 'skywalking')?.at ?? [];
    const url = pages.flatMap(({ service }) => facts.published(service) ?? [])[0];
    const service = facts.app?.spanName ?? 'SERVICE.NAMESPACE';
    return [
      '### In SkyWalking',
      `Open ${url ? `<${url}>` : 'the page'} (or \`istioctl dashboard skywalking\`), choose *General Service*, a service such as \`${service}\`, then *Trace*. *Status: Error* shows failures (\`traceState: ERROR\` in its GraphQL API), *Duration* slow requests, *Trace ID* a single trace. Nothing there after a minute: the proxies' segments do not arrive.`,
    ].join('\n\n');
  },
};

function throughGrafana({ model, published }: RunbookFacts, program: Program): string {
  const direct = `\`kubectl -n ${program.namespace} port-forward ${deployName(program)} 3200\``;
  const page = pageOf(model, 'grafana');
  const [place] = page?.at ?? [];
  if (!page || !place) return `The stack has no Grafana. From a terminal: ${direct}.`;
  const url = published(place.service);
  const near = forward(place.service, place.port);
  const open = url
    ? `Open <${url}${page.path}/explore>`
    : `Forward Grafana (\`${near.command}\`) and open <http://${near.at}${page.path}/explore>`;
  const login = page.login ? ', log in ([ways in](#ways-in) says how)' : '';
  return `${open}${login}, choose the data source Tempo and *TraceQL*. Without Grafana: ${direct}.`;
}

function open(
  { rootNamespace }: RunbookFacts,
  program: Program,
  page: { readonly port: number; readonly istioctl: string; readonly base: string; readonly published: string | undefined },
): string {
  const forward = `kubectl -n ${program.namespace} port-forward ${deployName(program)} ${page.port}`;
  const published = page.published ? `<${page.published}${page.base}>, or ` : '';
  return `Open ${published}\`${dashboard(page.istioctl, program.namespace, rootNamespace)}\`, or \`${forward}\` and <http://localhost:${page.port}${page.base}>.`;
}

function table(rows: readonly (readonly [string, string, string])[]): string {
  return tableOf(
    ['looking for', 'on the page', 'from a terminal, with the port forwarded'],
    rows.map(([what, page, command]) => [what, page, `\`${command}\``]),
  );
}
