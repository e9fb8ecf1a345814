import type { Program } from '../model/spans/programs.ts';
import { basePath, deployName, type RunbookFacts, serviceFor } from './facts.ts';

/** The section that tells how to find a trace, in each backend of the stack. */
export function findSection(facts: RunbookFacts): string {
  const ways = facts.backends.map((program) => HOW[program.is]?.(facts, program) ?? '');
  if (ways.every((way) => way === '')) return '';
  return ['## Find a trace', ...ask(facts), ...ways.filter((way) => way !== '')].join('\n\n');
}

function ask({ app, rootNamespace, published }: RunbookFacts): string[] {
  if (!app) return [];
  const gateway = `GATEWAY=$(kubectl -n ${rootNamespace} get service istio-ingressgateway -o jsonpath='{.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}')`;
  const host = published(app.service)?.replace('http://', '');
  const header = host && host !== '$GATEWAY' ? `-H 'Host: ${host}' ` : '';
  const url = new URL(app.url.replace('$GATEWAY', 'gateway'));
  return [
    'Ask something first. The header `x-client-trace-id` makes the gateway trace this very request, whatever the share of requests is, and stands in its span as a tag (Envoy, tracing overview):',
    code([
      gateway,
      `curl -s -o /dev/null -w '%{http_code}\\n' -H 'x-client-trace-id: ${MARK}' ${header}"http://$GATEWAY${url.pathname}"`,
    ]),
    `It prints 200. A gateway without an address (a cluster without load balancers) gets one by \`kubectl -n ${rootNamespace} port-forward service/istio-ingressgateway 8080:80 &\` and \`GATEWAY=localhost:8080\`. Browsers find the names of pages below only when DNS or /etc/hosts leads them to the gateway.`,
  ];
}

/** What the example request is found by. */
const MARK = 'find-me-1';

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
        ['services that sent spans', 'the list *Service*', `curl -s '${api}/api/services'`],
      ]),
    ].join('\n\n');
  },
  tempo: (facts, program) => {
    const service = facts.app?.spanName ?? 'SERVICE.NAMESPACE';
    const grafana = facts.model.services.all.find(({ name }) => name === 'grafana');
    const url = grafana && facts.published(grafana);
    const search = (query: string) => `curl -sG 'http://localhost:3200/api/search' --data-urlencode 'q=${query}'`;
    const queries: readonly (readonly [string, string])[] = [
      ['any trace of a service', `{ resource.service.name = "${service}" }`],
      ['that one request', `{ span."guid:x-client-trace-id" = "${MARK}" }`],
      ['failures', `{ resource.service.name = "${service}" && status = error }`],
      ['slow requests', `{ resource.service.name = "${service}" && duration > 500ms }`],
    ];
    return [
      '### In Tempo, through Grafana',
      `${url ? `Open <${url}/explore>` : `Forward Grafana (\`kubectl -n ${grafana?.namespace ?? 'observability'} port-forward service/grafana 3000\`) and open <http://localhost:3000/explore>`}, choose the data source Tempo and *TraceQL*. From a span, one click leads to the logs and metrics of its service where such data sources are there. Without Grafana: \`kubectl -n ${program.namespace} port-forward ${deployName(program)} 3200\`.`,
      table(queries.map(([what, query]) => [what, `\`${query}\``, search(query)])),
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
        ['services that sent spans', 'the list *serviceName*', `curl -s '${api}/services'`],
      ]),
    ].join('\n\n');
  },
  skywalking: (facts) => {
    const pages = facts.model.services.all.filter(({ name }) => name === 'skywalking-ui' || name === 'tracing-ui');
    const url = pages.flatMap((page) => facts.published(page) ?? [])[0];
    const service = facts.app?.spanName ?? 'SERVICE.NAMESPACE';
    return [
      '### In SkyWalking',
      `Open ${url ? `<${url}>` : 'the page'} (or \`istioctl dashboard skywalking\`), choose *General Service*, a service such as \`${service}\`, then *Trace*. *Status: error* shows failures, *Duration* slow requests. Nothing there after a minute: the proxies' segments do not arrive.`,
    ].join('\n\n');
  },
};

function open(
  { rootNamespace }: RunbookFacts,
  program: Program,
  page: { readonly port: number; readonly istioctl: string; readonly base: string; readonly published: string | undefined },
): string {
  const forward = `kubectl -n ${program.namespace} port-forward ${deployName(program)} ${page.port}`;
  const dashboard =
    program.namespace === rootNamespace
      ? `\`istioctl dashboard ${page.istioctl}\``
      : `\`istioctl dashboard ${page.istioctl} -n ${program.namespace}\``;
  const published = page.published ? `<${page.published}${page.base}>, or ` : '';
  return `Open ${published}${dashboard}, or \`${forward}\` and <http://localhost:${page.port}${page.base}>.`;
}

function table(rows: readonly (readonly [string, string, string])[]): string {
  return [
    '| looking for | on the page | from a terminal, with the port forwarded |',
    '| --- | --- | --- |',
    ...rows.map(([what, page, command]) => `| ${what} | ${page} | \`${command}\` |`),
  ].join('\n');
}

/** A block of commands. */
export function code(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}
