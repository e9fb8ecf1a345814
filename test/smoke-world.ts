import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { modelOf } from '../constructs/proof/model/model.ts';
import { readWorlds } from '../constructs/proof/read/worlds.ts';
import { smokeTest } from '../constructs/proof/smoke/index.ts';
import { worldOf } from './proof-world.ts';

const root = resolve(import.meta.dirname, '..');

/** The smoke test of a committed stack. */
export function ofStack(stack: string): string {
  const [world] = readWorlds([join(root, 'dist', stack)]);
  if (!world) throw new Error(`no stack ${stack}`);
  return smokeTest(modelOf(world), stack);
}

/** The smoke test of YAML, as the stack `mine`. */
export function ofYaml(...parts: readonly string[]): string {
  return smokeTest(modelOf(worldOf(parts.join('\n---\n'))), 'mine');
}

/** What a fake program answers where its words match a pattern of the shell's `case`; the first that matches. */
export interface Answer {
  readonly to: string;
  readonly out?: string;
  readonly err?: string;
  readonly exit?: number;
  /** Of curl: the status, 200 unless told otherwise; '000' and exit 7 for no answer at all. */
  readonly status?: string;
  /** Of curl: the signal that it sends to the script. */
  readonly end?: string;
}

export interface Cluster {
  readonly kubectl: readonly Answer[];
  readonly curl: readonly Answer[];
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The words of every call of kubectl and curl. */
  readonly calls: readonly string[];
  /** Process ids of port-forwards that were begun. */
  readonly forwards: readonly number[];
  /** Temporary files that were left. */
  readonly left: readonly string[];
}

let folders: string | undefined;

/** Runs a script against programs that answer as told, with a clock that waiting moves on. */
export async function run(
  script: string,
  cluster: Cluster,
  { shell = 'sh', args = [], env = {} }: { shell?: string; args?: readonly string[]; env?: Record<string, string> } = {},
): Promise<Ran> {
  folders ??= mkdtempSync(join(tmpdir(), 'smoke-'));
  const folder = mkdtempSync(join(folders, 'run-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  program('kubectl', kubectl(folder, cluster.kubectl));
  program('curl', curl(folder, cluster.curl));
  // Who polls a forwarded port waits in earnest; other waits pass at once.
  program(
    'sleep',
    `read -r now <${folder}/now\ncase $1 in 1) /bin/sleep 0.05 ;; *) now=$((now + 10)) ;; esac\necho $((now + 1)) >${folder}/now`,
  );
  program('date', `case "$*" in +%s) cat ${folder}/now ;; *) echo '2026-11-21 12' ;; esac`);
  writeFileSync(join(folder, 'now'), '1000\n');
  writeFileSync(join(folder, 'script'), `echo $$ >${folder}/script.pid\n${script}`);
  mkdirSync(join(folder, 'tmp'));
  const variables = { PATH: `${bin}:${process.env.PATH}`, TMPDIR: join(folder, 'tmp'), TIMEOUT: '20', ...env };
  return new Promise((done) => {
    execFile(shell, [join(folder, 'script'), ...args], { env: variables }, (error, out, err) => {
      const lines = (name: string) =>
        existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean) : [];
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({
        code,
        out,
        err,
        calls: lines('calls'),
        forwards: lines('forwards').map(Number),
        left: readdirSync(join(folder, 'tmp')),
      });
    });
  });
}

/** Whether a process is still there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const word = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

function branch({ to, out = '', err = '', exit = 0 }: Answer): string {
  return `  ${to})\n    printf '%s' ${word(out)}\n    printf '%s' ${word(err)} >&2\n    exit ${exit}\n    ;;`;
}

function kubectl(folder: string, answers: readonly Answer[]): string {
  return [
    `echo "kubectl $*" >>${folder}/calls`,
    'case "$*" in',
    ...answers.map(branch),
    '  *port-forward*)',
    `    echo $$ >>${folder}/forwards`,
    '    for last; do :; done',
    '    port=$(echo "$last" | tr -d :)',
    '    echo "Forwarding from 127.0.0.1:$((10000 + port)) -> $port"',
    '    exec /bin/sleep 600',
    '    ;;',
    'esac',
    'echo "Error from server (NotFound): $* not found" >&2',
    'exit 1',
  ].join('\n');
}

/** Only a request that stands in a backend is found there: what asks for a trace must name the id that was sent. */
function curl(folder: string, answers: readonly Answer[]): string {
  return [
    `echo "curl $*" >>${folder}/calls`,
    'all=$* file= status=',
    'while [ $# -gt 0 ]; do',
    '  case $1 in',
    '    -o) file=$2; shift ;;',
    '    -w) status=yes; shift ;;',
    `    x-client-trace-id:*) echo "\${1#* }" >${folder}/id ;;`,
    '  esac',
    '  shift',
    'done',
    `id=$(cat ${folder}/id 2>/dev/null)`,
    'case $all in',
    ...answers.map(({ to, out = '', err = '', exit = 0, status = '200', end }) =>
      [
        `  ${to})`,
        `    body=$(printf '%s' ${word(out)} | sed "s/@ID@/$id/g") code=${status} exit=${exit}`,
        `    printf '%s' ${word(err)} >&2`,
        ...(end === undefined ? [] : [`    kill -${end} "$(cat ${folder}/script.pid)"`]),
        '    ;;',
      ].join('\n'),
    ),
    `  *) body= code=000 exit=7; echo "curl: (7) no answer from $all" >&2 ;;`,
    'esac',
    'if [ -n "$file" ]; then printf "%s" "$body" >"$file"; else printf "%s\\n" "$body"; fi',
    '[ -z "$status" ] || printf "%s" "$code"',
    'exit "$exit"',
  ].join('\n');
}

const services = (namespace: string) => [
  'istio-ingressgateway.istio-system',
  `productpage.${namespace}`,
  `details.${namespace}`,
  `waypoint.${namespace}`,
];

/** Answers of the backends, as they give them. */
export const backends = {
  /** Of a Jaeger 2 with two services, shortened. */
  jaeger: (names: readonly string[]) =>
    JSON.stringify({
      data: [
        {
          traceID: '5b8efff798038103d269b633813fc60c',
          spans: names.map((_, i) => ({
            traceID: '5b8efff798038103d269b633813fc60c',
            spanID: `eee19b7ec3c1b17${i}`,
            operationName: 'out',
            references: [],
            startTime: 1795265179000000,
            duration: 0,
            tags: [{ key: 'guid:x-client-trace-id', type: 'string', value: '@ID@' }],
            logs: [],
            processID: `p${i}`,
            warnings: null,
          })),
          processes: Object.fromEntries(names.map((serviceName, i) => [`p${i}`, { serviceName, tags: [] }])),
          warnings: null,
        },
      ],
      total: 0,
      limit: 0,
      offset: 0,
      errors: null,
    }),
  tempoSearch: JSON.stringify({
    traces: [
      {
        traceID: '2f3e0cee77ae5dc9c17ade3689eb2e54',
        rootServiceName: 'istio-ingressgateway.istio-system',
        rootTraceName: 'productpage.bookinfo.svc.cluster.local:9080/productpage',
        startTimeUnixNano: '1684778327699392724',
        durationMs: 557,
        spanSets: [
          {
            spans: [{ spanID: '563d623c76514f8e', startTimeUnixNano: '1684778327735077898', durationNanos: '446979497' }],
            matched: 1,
          },
        ],
      },
    ],
    metrics: { inspectedTraces: 1, completedJobs: 1, totalJobs: 1 },
  }),
  tempoTrace: (names: readonly string[]) =>
    JSON.stringify(
      {
        trace: {
          resourceSpans: names.map((stringValue) => ({
            resource: {
              attributes: [
                { key: 'telemetry.sdk.name', value: { stringValue: 'envoy' } },
                { key: 'service.name', value: { stringValue } },
              ],
            },
            scopeSpans: [
              {
                scope: {},
                spans: [
                  {
                    traceId: 'Lz4M7neuXcnBet42iesuVA==',
                    name: 'a, b',
                    kind: 'SPAN_KIND_SERVER',
                    attributes: [{ key: 'http.url', value: { stringValue: 'http://x/{y}' } }],
                  },
                ],
              },
            ],
          })),
        },
        metrics: {},
      },
      null,
      2,
    ),
  zipkin: (names: readonly string[]) =>
    JSON.stringify([
      names.map((serviceName) => ({
        traceId: '5b8efff798038103d269b633813fc60c',
        id: 'eee19b7ec3c1b174',
        kind: 'SERVER',
        name: 'productpage.bookinfo.svc.cluster.local:9080/*',
        timestamp: 1795265179000000,
        duration: 12,
        localEndpoint: { serviceName, ipv4: '10.0.0.1' },
        remoteEndpoint: { serviceName: 'not-a-sender', ipv4: '10.0.0.2' },
        tags: { 'guid:x-client-trace-id': '@ID@' },
      })),
    ]),
  /** Of an OAP with BanyanDB: whole traces, of which one is the request's. */
  skywalking: (names: readonly string[]) =>
    JSON.stringify({
      data: {
        queryTraces: {
          traces: [
            {
              spans: [
                { traceId: 'other', serviceCode: 'somebody.else', tags: [{ key: 'guid:x-client-trace-id', value: 'find-me-1' }] },
              ],
            },
            {
              spans: names.map((serviceCode) => ({
                traceId: 'mine',
                serviceCode,
                tags: [{ key: 'guid:x-client-trace-id', value: '@ID@' }],
              })),
            },
          ],
        },
      },
    }),
};

/** A cluster in which the stack runs and is well. */
export function goodCluster(stack: string): Cluster {
  const objects = objectsOf(stack);
  const mesh = objects.map((one) => one.spec?.meshConfig ?? one.spec?.values?.meshConfig).find((one) => one !== undefined);
  const tracing = objects.find(({ kind, metadata }) => kind === 'Telemetry' && metadata?.name === 'mesh-default')?.spec
    ?.tracing?.[0];
  const names = services(stack.startsWith('platform') ? 'apps' : 'bookinfo');
  return {
    kubectl: [
      { to: 'config*', out: 'lab' },
      { to: '*"get configmap istio "*', out: stringify(mesh, { sortMapEntries: true, indentSeq: false }) },
      { to: '*"get telemetries"*mesh-default*name*', out: tracing?.providers?.[0]?.name ?? '' },
      { to: '*"get telemetries"*mesh-default*Percentage*', out: `${tracing?.randomSamplingPercentage ?? ''}` },
      { to: '*"get telemetries"*-A*', out: '' },
      { to: '*"get pods"*', out: 'app-1||app istio-init istio-proxy\napp-2||app istio-proxy \nold|2026-11-21T12:00:00Z|app \n' },
      { to: '*dataplane-mode*', out: 'ambient' },
      { to: '*"get service"*', out: '172.18.255.200' },
      { to: '*"-l helm"*', out: 'deployment.apps/by-the-chart\n' },
      { to: '*" exec "*', out: '<html><head>\n<title>Simple Bookstore App</title></head></html>' },
      { to: '*"rollout status"*', out: 'successfully rolled out\n' },
      { to: '*" wait "*', out: 'condition met\n' },
      { to: '*"-o name"*', out: 'there\n' },
    ],
    curl: [
      { to: '*x-client-trace-id:*', out: '<title>Simple Bookstore App</title>' },
      { to: '*:26686/*api/traces*"$id"*', out: backends.jaeger(names) },
      { to: '*:13200/api/search*"$id"*', out: backends.tempoSearch },
      { to: '*:13200/api/v2/traces/2f3e0cee77ae5dc9c17ade3689eb2e54*', out: backends.tempoTrace(names) },
      { to: '*:19411/*"$id"*', out: backends.zipkin(names) },
      { to: '*queryTraces*:22800/graphql*', out: backends.skywalking(names) },
      { to: '*/healthz*|*/api/health*|*/-/healthy*', out: 'ok' },
    ],
  };
}

/** The cluster with other answers to some calls. */
export function but(cluster: Cluster, other: { kubectl?: readonly Answer[]; curl?: readonly Answer[] }): Cluster {
  return { kubectl: [...(other.kubectl ?? []), ...cluster.kubectl], curl: [...(other.curl ?? []), ...cluster.curl] };
}

interface Stated {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly meshConfig?: unknown;
    readonly values?: { readonly meshConfig?: unknown };
    readonly tracing?: readonly {
      readonly providers?: readonly { readonly name: string }[];
      readonly randomSamplingPercentage?: number;
    }[];
  };
}

function objectsOf(stack: string): Stated[] {
  const { files } = JSON.parse(readFileSync(join(root, 'dist', stack, 'inventory.json'), 'utf8')) as { files: string[] };
  return files
    .filter((file) => /\.ya?ml$/.test(file) && !file.endsWith('kustomization.yaml'))
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(root, 'dist', stack, file), 'utf8')).map((one): Stated => one.toJS() ?? {}),
    );
}
