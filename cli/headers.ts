import { Command, InvalidArgumentError } from 'commander';
import { nearest } from '../constructs/kit/nearest.ts';
import {
  forwardedHeaders,
  isTraceHeaderSetName,
  type TraceHeader,
  type TraceHeaderSetName,
  traceHeaderSetNames,
  traceHeaders,
  userHeaders,
} from '../constructs/kit/trace-headers.ts';
import { UserError } from '../constructs/kit/user-error.ts';
import { exchange, startEcho } from './header-echo.ts';
import { newProbe, sentBy } from './header-probe.ts';
import { explain, judge } from './header-report.ts';

/** `meshwright headers`: which headers an app must forward, and whether a running one does. */
export function headersCommand(): Command {
  const command = new Command('headers')
    .description('the headers that an app must forward so that its traces hold together')
    .option('--provider <name>', `only this one: ${traceHeaderSetNames.join(', ')}`)
    .option('--json', 'print JSON')
    .action((options: { readonly provider?: string; readonly json?: true }) => {
      const names = options.provider === undefined ? traceHeaderSetNames : [setNamed(options.provider)];
      process.stdout.write(options.json ? asJson(names) : options.provider === undefined ? asGroups(names) : asLines(names));
    });
  command.addCommand(checkCommand());
  // The program hands its settings to its own commands only.
  command.hook('preSubcommand', (parent, child) => {
    child.copyInheritedSettings(parent);
  });
  return command;
}

interface CheckOptions {
  readonly echo: number;
  readonly bind: string;
  readonly provider?: string;
  readonly also?: readonly string[];
  readonly header?: Readonly<Record<string, string>>;
  readonly method: string;
  readonly timeout: number;
}

function checkCommand(): Command {
  return new Command('check')
    .description('call a running app, receive what it forwards, and tell which headers are missing, empty or changed')
    .argument('<url>', 'where the app answers, with a path at which it calls its upstream')
    .requiredOption('--echo <port>', 'where to receive what the app sends on', numberFrom(1, 65_535, 'a port'))
    .option('--bind <address>', 'the address to receive at, 0.0.0.0 for an app in a container or cluster', '127.0.0.1')
    .option('--provider <name>', `the mesh's tracer (${traceHeaderSetNames.join(', ')}); the headers of all when left out`)
    .option('--also <names>', 'further headers that must arrive, with commas: end-user,cookie', listOf)
    .option('--header <"name: value">', 'a header to send with each request, such as Host; can be repeated', collect)
    .option('--method <name>', 'GET, POST, ...', 'GET')
    .option('--timeout <seconds>', 'how long to wait for the call', numberFrom(0.1, 3600, 'seconds'), 10)
    .addHelpText('after', help)
    .action(check);
}

const help = `
The app must call the echo instead of its upstream: start it with that address, as

  UPSTREAM=http://127.0.0.1:9999/ node server.mjs
  npx meshwright headers check http://127.0.0.1:8080/api/v1/testA/ --echo 9999 --provider zipkin

Two requests are sent: one with every header, and one without, after which the
app must not send empty ones.

Exits 0 on PASS, 1 on FAIL, 2 when the app cannot be reached or does not call
the echo.`;

async function check(given: string, options: CheckOptions): Promise<void> {
  const { provider, method, timeout: seconds, header = {}, also = [] } = options;
  const headers = wanted(provider);
  const app = { url: urlOf(given), method, seconds };
  const extra = Object.fromEntries(forwardedHeaders(also, '--also').map((name) => [name, header[name] ?? 'meshwright-probe']));
  const echo = await startEcho(options.echo, options.bind);
  try {
    const traced = newProbe(headers, extra);
    const answer = await exchange(echo, app, { ...header, ...sentBy(traced) });
    if (answer.calls.length === 0) throw notCalled(app.url, echo.url, seconds, answer.status);
    const bare = newProbe([]);
    const calls = [...judge(answer, traced), ...judge(await exchange(echo, app, header), bare)];
    const { text, isGood } = explain(calls, {
      url: app.url.href,
      of: [provider ?? 'every tracer', ...also].join(', '),
      provider,
    });
    process.stdout.write(text);
    if (!isGood) process.exitCode = 1;
  } finally {
    await echo.close();
  }
}

/** Without a provider those of every tracer: such an app stays as it is when the mesh changes its tracer. */
function wanted(provider: string | undefined): readonly TraceHeader[] {
  if (provider !== undefined) return traceHeaders[setNamed(provider)].headers;
  const { zipkin, opentelemetry, skywalking, datadog } = traceHeaders;
  const all = [zipkin, opentelemetry, skywalking, datadog].flatMap(({ headers }) => headers);
  return [...new Map(all.map((header) => [header.name, header])).values()];
}

function notCalled(url: URL, echo: string, seconds: number, status: number | undefined): UserError {
  const answered = status === undefined ? 'gave no answer' : `answered ${status}`;
  return new UserError(
    `${url.href} ${answered} and did not call the echo at ${echo} within ${seconds} s: ` +
      `start the app with that address as its upstream, and ask for a path at which it calls its upstream`,
  );
}

function setNamed(name: string): TraceHeaderSetName {
  if (isTraceHeaderSetName(name)) return name;
  const near = nearest(name, traceHeaderSetNames);
  throw new UserError(
    `provider "${name}" is not known: allowed are ${traceHeaderSetNames.join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`,
  );
}

function asLines(names: readonly TraceHeaderSetName[]): string {
  return names.flatMap((name) => traceHeaders[name].headers.map((header) => `${header.name}\n`)).join('');
}

function asGroups(names: readonly TraceHeaderSetName[]): string {
  const groups = names.map((name) => {
    const { usedBy, headers } = traceHeaders[name];
    const lines = headers.map((header) => `  ${header.name}${header.comes === 'sometimes' ? ' (when it came)' : ''}`);
    return [`${name}: ${usedBy}`, ...lines, ''].join('\n');
  });
  const besides = ['besides, no trace needs them:', ...userHeaders.map((name) => `  ${name} (when it came)`), ''].join('\n');
  return [...groups, besides].join('\n');
}

function asJson(names: readonly TraceHeaderSetName[]): string {
  const sets = names.map((name) => ({ provider: name, usedBy: traceHeaders[name].usedBy, headers: traceHeaders[name].headers }));
  return `${JSON.stringify({ sets, besides: userHeaders }, null, 2)}\n`;
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new UserError(`URL ${JSON.stringify(text)} cannot be called: give one that begins with http:// or https://`);
}

function numberFrom(least: number, most: number, what: string): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== '' && number >= least && number <= most && (what !== 'a port' || Number.isInteger(number))) return number;
    throw new InvalidArgumentError(`allowed is ${what} from ${least} to ${most}.`);
  };
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function collect(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^\s*([\w-]+)\s*:\s*(\S.*?)\s*$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("allowed is 'name: value'.");
  return { ...before, [name.toLowerCase()]: value };
}
