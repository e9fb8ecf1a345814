import type { ExplainedDestination, Explanation, TrafficRequest } from '../constructs/proof/index.ts';

/** The answer for people: what was asked, what becomes of it, what holds on the way, and why. */
export function explanationText(request: TrafficRequest, answer: Explanation): string {
  const facts = factsOf(answer);
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    asked(request),
    `  ${inWords(answer)}`,
    ...answer.destinations.flatMap(destination),
    '',
    ...facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    '',
    '  because',
    ...answer.reasons.map((reason) => `  - ${reason}`),
    '',
  ].join('\n');
}

function asked({ host, port = 80, method = 'GET', path = '/', headers = {}, from, gateway }: TrafficRequest): string {
  const by = gateway
    ? `, through gateway ${gateway.namespace}/${gateway.name}`
    : from
      ? `, from ${from.namespace}${from.app === undefined ? '' : `/${from.app}`}`
      : '';
  const carried = Object.entries(headers).map(([name, value]) => `\n  ${name}: ${value}`);
  return `${method} ${host}:${port}${path}${by}${carried.join('')}`;
}

function inWords({ outcome, matched, redirect, direct }: Explanation): string {
  const by = matched ? ` by ${matched.object} ${matched.rule}` : '';
  switch (outcome) {
    case 'route':
      return `-> is sent on${by || ', by no route: to the Service itself'}`;
    case 'tcp':
      return `-> is sent on by connection${by}`;
    case 'redirect':
      return `-> ${redirect?.status} to ${redirect?.location}${by}`;
    case 'direct':
      return `-> the proxy answers ${direct?.status}${by}`;
    case 'notfound':
      return '-> 404, no route takes it';
    case 'passthrough':
      return '-> leaves the mesh as it is';
    case 'blackhole':
      return '-> is refused: the mesh does not know the host (REGISTRY_ONLY)';
    case 'nolistener':
      return '-> nobody listens there';
  }
}

function destination({ host, subset, port, percent, workloads }: ExplainedDestination): string[] {
  const pods = workloads.length === 0 ? ['no workload'] : workloads;
  return [
    `     ${`${round(percent)} %`.padStart(7)}  ${host}:${port}${subset === null ? '' : ` ${subset}`}  (${pods.join(', ')})`,
  ];
}

/** What holds on the way: only what there is to say. */
function factsOf(answer: Explanation): [string, string][] {
  const { timeout, retries, fault, mirrors, rewrite, headers, loadBalancing, mtls, allowed } = answer;
  const goesOn = answer.outcome === 'route' || answer.outcome === 'tcp';
  const perTry = retries?.perTryTimeout == null ? '' : `, ${retries.perTryTimeout} s each`;
  return [
    ...fact('delay', fault?.delay && `${fault.delay.seconds} s for ${round(fault.delay.percent)} %`),
    ...fact('abort', fault?.abort && `${fault.abort.status} for ${round(fault.abort.percent)} %`),
    ...fact('timeout', goesOn && (timeout === null ? 'none' : `${timeout} s`)),
    ...fact('retries', goesOn && (retries ? `${retries.attempts}${perTry}, on ${retries.retryOn}` : 'none')),
    ...fact('rewrite', rewrite && [rewrite.path, rewrite.host && `host ${rewrite.host}`].filter(Boolean).join(', ')),
    ...fact('headers', headers && headerText(headers)),
    ...mirrors.flatMap(({ host, subset, port, percent }) =>
      fact('mirror', `${round(percent)} % to ${host}:${port}${subset === null ? '' : ` ${subset}`}`),
    ),
    ...fact('balancing', loadBalancing),
    ...fact('mutual TLS', goesOn && mtls && tlsText[mtls]),
    ...fact(
      'allowed',
      goesOn && (allowed === 'unknown' ? 'depends on what the request does not tell' : allowed ? 'yes' : 'no, 403'),
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

function round(percent: number): number {
  return Number(percent.toFixed(2));
}
