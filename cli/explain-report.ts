import type { ExplainedDestination, Explanation, TrafficRequest } from '../constructs/proof/explain/index.ts';
import { broken, COLUMNS } from './broken.ts';

/** The answer for people: what was asked, what becomes of it, what holds on the way, and why. */
export function explanationText(request: TrafficRequest, answer: Explanation): string {
  const facts = factsOf(answer);
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    ...asked(request),
    ...broken('  -> ', inWords(answer)),
    ...answer.destinations.flatMap(destination),
    '',
    ...facts.flatMap(([name, value]) => broken(`  ${name.padEnd(width)}  `, value)),
    ...(facts.length > 0 ? [''] : []),
    '  because',
    ...answer.reasons.flatMap((reason) => broken('  - ', reason)),
    '',
  ].join('\n');
}

function asked({ host, port, method = 'GET', path = '/', headers = {}, from, gateway }: TrafficRequest): string[] {
  const by = gateway
    ? `, through gateway ${gateway.namespace}/${gateway.name}`
    : from
      ? `, from ${from.namespace}${from.app === undefined ? '' : `/${from.app}`}`
      : '';
  const place = port === undefined && /:\d+$/.test(host) ? host : `${host.replace(/:\d+$/, '')}:${port ?? 80}`;
  const carried = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
  return [`${method.toUpperCase()} ${place}${path}${by}`, ...carried];
}

function inWords(answer: Explanation): string {
  const { outcome, matched, redirect, direct } = answer;
  const by = matched ? ` by ${matched.object} ${matched.rule}` : '';
  switch (outcome) {
    case 'route':
    case 'tcp': {
      const means = outcome === 'tcp' ? ' as a connection' : '';
      return `is sent on${means}${by || ' as it is, to the Service itself'}${butWhy(answer)}`;
    }
    case 'redirect':
      return `${redirect?.status} to ${redirect?.location}${by && `,${by}`}`;
    case 'direct':
      return `the proxy itself answers ${direct?.status}${by && `,${by}`}`;
    case 'notfound':
      return '404: no route takes it';
    case 'passthrough':
      return 'leaves the proxy as it is: no route of the mesh is for it';
    case 'blackhole':
      return 'is refused: the mesh does not know the host (REGISTRY_ONLY)';
    case 'nolistener':
      return 'no connection: nobody listens there';
  }
}

/** What stops a request that has a route. */
function butWhy({ outcome, fault, allowed, mtls }: Explanation): string {
  if (fault?.abort && fault.abort.percent >= 100) return `, but is aborted with ${fault.abort.status}`;
  if (mtls === 'refused') return ', but the connection is refused';
  if (allowed === false) return outcome === 'tcp' ? ', but authorization refuses it' : ', but authorization refuses it: 403';
  return '';
}

/** With its workloads on the same line where they fit. */
function destination({ host, subset, port, percent, workloads }: ExplainedDestination): string[] {
  const place = `     ${`${round(percent)} %`.padStart(7)}  ${host}:${port}${subset === null ? '' : ` ${subset}`}`;
  const isOurs = host.endsWith('.svc.cluster.local');
  const pods = workloads.length > 0 ? workloads.join(', ') : isOurs ? 'no workload is behind it' : 'outside the mesh';
  const line = `${place}  (${pods})`;
  return line.length <= COLUMNS ? [line] : [place, ...broken(' '.repeat(14), `(${pods})`)];
}

/** What holds on the way: only what there is to say. */
function factsOf(answer: Explanation): [string, string][] {
  const { direct, timeout, retries, fault, mirrors, rewrite, headers, loadBalancing, mtls, allowed } = answer;
  const goesOn = answer.outcome === 'route' || answer.outcome === 'tcp';
  const isHttp = answer.outcome === 'route';
  const perTry = retries?.perTryTimeout == null ? '' : `, ${retries.perTryTimeout} s each`;
  return [
    ...fact('body', direct?.body),
    ...fact('delay', fault?.delay && `${fault.delay.seconds} s for ${round(fault.delay.percent)} %`),
    ...fact('abort', fault?.abort && `${fault.abort.status} for ${round(fault.abort.percent)} %`),
    ...fact('timeout', isHttp && (timeout === null ? 'none' : `${timeout} s`)),
    ...fact('retries', isHttp && (retries ? `${retries.attempts}${perTry}, on ${spaced(retries.retryOn)}` : 'none')),
    ...fact('rewrite', rewrite && [rewrite.path, rewrite.host && `host ${rewrite.host}`].filter(Boolean).join(', ')),
    ...fact('headers', headers && headerText(headers)),
    ...mirrors.flatMap(({ host, subset, port, percent }) =>
      fact('mirror', `${round(percent)} % to ${host}:${port}${subset === null ? '' : ` ${subset}`}`),
    ),
    ...fact('balancing', loadBalancing),
    ...fact('mutual TLS', goesOn && mtls && tlsText[mtls]),
    ...fact(
      'allowed',
      goesOn &&
        (allowed === 'unknown' ? 'depends on what the request does not tell' : allowed ? 'yes' : isHttp ? 'no, 403' : 'no'),
    ),
  ];
}

const tlsText: Record<NonNullable<Explanation['mtls']>, string> = {
  mutual: 'yes',
  plain: 'no, plain text',
  tls: 'no, TLS without a certificate of the mesh',
  refused: 'refused: one side wants it, the other has none',
  mixed: 'not alike for all destinations',
  unknown: 'not known',
};

function headerText({ set, add, remove }: NonNullable<Explanation['headers']>): string {
  return [
    ...Object.entries(set).map(([name, value]) => `${name}: ${value}`),
    ...Object.entries(add).map(([name, value]) => `+ ${name}: ${value}`),
    ...remove.map((name) => `- ${name}`),
  ].join(', ');
}

function fact(name: string, value: string | false | null | undefined): [string, string][] {
  return value ? [[name, value]] : [];
}

function spaced(list: string): string {
  return list.replace(/,\s*/g, ', ');
}

function round(percent: number): number {
  return Number(percent.toFixed(2));
}
