import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, backends, but, goodCluster, isAlive, ofStack, run } from './smoke-world.ts';

const stacks = readdirSync(resolve(import.meta.dirname, '../dist'));
const shells = ['sh', 'dash', 'bash', 'busybox'].filter((name) => {
  try {
    execFileSync(name, name === 'busybox' ? ['sh', '-c', ':'] : ['-c', ':'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** What only some shells know. */
const bashisms = [
  /\[\[/,
  /^\s*function /m,
  /^\s*(local|declare|typeset|readonly|source|let) /m,
  /<<</,
  /[<>]\(/,
  /&>/,
  /\becho -[en]/,
  /\$'/,
  /\$\{\w+(\[|\/|:\d|,|\^)/,
  /\[ [^\]]*==/,
  /\bpipefail\b/,
  /\bjq\b/,
];

describe.each(stacks)('the smoke test of %s', (stack) => {
  const script = ofStack(stack);

  it.each(shells)('is a script that %s takes', (shell) => {
    const args = shell === 'busybox' ? ['sh', '-n'] : ['-n'];
    expect(() => execFileSync(shell, args, { input: script })).not.toThrow();
  });

  it('is plain POSIX: no words of other shells outside of awk and sed', () => {
    const shell = script.replaceAll(/awk (-\S+( \S+=\S+)? )*'[^']*'/g, '').replaceAll(/sed (-n )?'[^']*'/g, '');
    expect(bashisms.filter((one) => one.test(shell)).map(String)).toEqual([]);
  });

  it('passes where all is well, and leaves nothing running', async () => {
    const ran = await run(script, goodCluster(stack));
    expect(ran.err).toBe('');
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(new RegExp(`passed: all \\d+ steps of the stack ${stack}\n$`));
    expect(ran.forwards.length).toBeGreaterThan(0);
    expect(ran.forwards.filter(isAlive)).toEqual([]);
    expect(ran.left).toEqual([]);
    expect(ran.out).toContain('context lab');
  });

  it('tells its steps without asking anybody', async () => {
    const ran = await run(script, { kubectl: [], curl: [] }, { args: ['-h'] });
    expect(ran).toMatchObject({ code: 0, err: '', calls: [] });
    const steps = Number(/^steps=(\d+)$/m.exec(script)?.[1]);
    expect(ran.out.match(/^ {2}\d+\. /gm)).toHaveLength(steps);
    expect(script.match(/^step /gm)).toHaveLength(steps);
  });
});

interface Failing {
  readonly name: string;
  readonly kubectl?: readonly Answer[];
  readonly curl?: readonly Answer[];
  /** Number of the step that fails, what it expected and saw, and where it sends the reader. */
  readonly step: number;
  readonly expected: RegExp;
  readonly seen: RegExp;
  readonly look: RegExp;
  readonly read?: RegExp;
}

const gone = 'Error from server (NotFound): not found';

const failures: readonly Failing[] = [
  {
    name: 'no cluster',
    kubectl: [{ to: '*namespace*', err: 'The connection to the server 10.0.0.1:6443 was refused', exit: 1 }],
    step: 1,
    expected: /namespace bookinfo/,
    seen: /was refused/,
    look: /kubectl get namespaces/,
  },
  {
    name: 'a namespace that is not there',
    kubectl: [{ to: '*"namespace observability"*', err: gone, exit: 1 }],
    step: 1,
    expected: /namespace observability/,
    seen: /NotFound/,
    look: /kubectl get namespaces/,
  },
  {
    name: 'a workload that never comes',
    kubectl: [{ to: '*"get deployment/tempo "*', err: gone, exit: 1 }],
    step: 2,
    expected: /deployment\/tempo in namespace observability/,
    seen: /NotFound/,
    look: /kubectl -n observability get deployment/,
  },
  {
    name: 'a workload that may not be read',
    kubectl: [{ to: '*"get deployment/tempo "*', err: 'Error from server (Forbidden)', exit: 1 }],
    step: 2,
    expected: /deployment\/tempo in namespace observability/,
    seen: /Forbidden/,
    look: /kubectl -n observability get deployment/,
  },
  {
    name: 'pods that do not become ready',
    kubectl: [
      {
        to: '*"rollout status deployment/otel-collector"*',
        out: 'Waiting for deployment "otel-collector" rollout to finish: 0 of 1 updated replicas are available...\n',
        err: 'error: timed out waiting for the condition\n',
        exit: 1,
      },
    ],
    step: 2,
    expected: /all pods of deployment\/otel-collector in namespace observability ready within 20 s/,
    seen: /0 of 1 updated replicas are available.*timed out/,
    look: /kubectl -n observability describe deployment\/otel-collector/,
  },
  {
    name: 'no istiod',
    kubectl: [{ to: '*" wait deployment "*', err: 'error: no matching resources found', exit: 1 }],
    step: 3,
    expected: /an istiod in namespace istio-system that is ready/,
    seen: /no matching resources/,
    look: /-l app=istiod/,
  },
  {
    name: 'no mesh config',
    kubectl: [{ to: '*"get configmap istio "*', err: gone, exit: 1 }],
    step: 3,
    expected: /ConfigMap istio in namespace istio-system/,
    seen: /NotFound/,
    look: /get configmaps/,
  },
  {
    name: 'a provider of another name',
    kubectl: [
      { to: '*"get configmap istio "*', out: 'extensionProviders:\n- name: zipkin\n  zipkin:\n    port: 9411\n- name: jaeger\n' },
    ],
    step: 3,
    expected: /provider otel in the extensionProviders of ConfigMap istio/,
    seen: /zipkin jaeger/,
    look: /get configmap istio -o/,
    read: /"Why do I see no trace\?", 3\. Was the proxy told where to send\?/,
  },
  {
    name: 'a provider with another port',
    kubectl: [
      {
        to: '*"get configmap istio "*',
        out: 'extensionProviders:\n- name: otel\n  opentelemetry:\n    port: 4318\n    service: otel-collector.observability.svc.cluster.local\n',
      },
    ],
    step: 3,
    expected: /extensionProviders\.0\.opentelemetry\.port: 4317/,
    seen: /^4318$/,
    look: /get configmap istio -o/,
  },
  {
    name: 'a mesh config that traces by nobody',
    kubectl: [
      {
        to: '*"get configmap istio "*',
        out: 'extensionProviders:\n- name: otel\n  opentelemetry:\n    port: 4317\n    service: otel-collector.observability.svc.cluster.local\n',
      },
    ],
    step: 3,
    expected: /defaultProviders\.tracing\.0: otel/,
    seen: /no defaultProviders\.tracing\.0/,
    look: /get configmap istio -o/,
  },
  {
    name: 'no Telemetry',
    kubectl: [{ to: '*telemetries*', err: gone, exit: 1 }],
    step: 4,
    expected: /providers\[0\]\.name: otel in Telemetry mesh-default/,
    seen: /NotFound/,
    look: /kubectl -n istio-system get telemetries\.telemetry\.istio\.io mesh-default -o yaml/,
    read: /1\. Is the request sampled\?/,
  },
  {
    name: 'a Telemetry with another share',
    kubectl: [{ to: '*telemetries*Percentage*', out: '1' }],
    step: 4,
    expected: /randomSamplingPercentage: 100/,
    seen: /^1\s*$/,
    look: /mesh-default/,
  },
  {
    name: 'a pod without a proxy',
    kubectl: [{ to: '*"get pods -l app=ratings"*', out: 'ratings-1||ratings istio-init istio-proxy\nratings-2||ratings \n' }],
    step: 5,
    expected: /istio-proxy in the pods of ratings-v1/,
    seen: /pod ratings-2 has none/,
    look: /kubectl -n bookinfo rollout restart/,
    read: /2\. Do the pods have a proxy\?/,
  },
  {
    name: 'a gateway that cannot be forwarded either',
    kubectl: [
      { to: '*"get service istio-ingressgateway"*' },
      { to: '*port-forward*ingressgateway*', err: 'error: unable to forward port because pod is not running', exit: 1 },
    ],
    step: 6,
    expected: /port 80 of service\/istio-ingressgateway in namespace istio-system, forwarded/,
    seen: /pod is not running/,
    look: /kubectl -n istio-system port-forward service\/istio-ingressgateway :80/,
  },
  {
    name: 'an app that answers 503',
    curl: [{ to: '*x-client-trace-id:*', status: '503', out: 'no healthy upstream' }],
    step: 6,
    expected: /200 from http:\/\/bookinfo\.mesh\.test\/productpage/,
    seen: /503 no healthy upstream/,
    look: /kubectl -n istio-system logs deployment\/istio-ingressgateway/,
    read: /"Find a trace"/,
  },
  {
    name: 'another page inside the mesh',
    kubectl: [{ to: '*" exec "*', out: '<title>Welcome to nginx</title>' }],
    step: 7,
    expected: /the title Simple Bookstore App/,
    seen: /Welcome to nginx/,
    look: /kubectl -n bookinfo exec deployment\/curl -c curl -- curl -sS http:\/\/productpage:9080\/productpage/,
  },
  {
    name: 'no answer inside the mesh',
    kubectl: [{ to: '*" exec "*', err: 'curl: (7) Failed to connect', exit: 7 }],
    step: 7,
    expected: /an answer from http:\/\/productpage:9080\/productpage/,
    seen: /Failed to connect/,
    look: /exec deployment\/curl/,
  },
  {
    name: 'no trace',
    curl: [{ to: '*/api/search*', out: '{"traces":[],"metrics":{"completedJobs":1}}' }],
    step: 8,
    expected: /spans of productpage\.bookinfo and of one of details\.bookinfo reviews\.bookinfo/,
    seen: /no such trace in 20 s/,
    look: /kubectl -n observability logs deploy\/tempo/,
    read: /3\. Was the proxy told where to send\?/,
  },
  {
    name: 'a trace of the first hop only',
    curl: [{ to: '*/api/v2/traces/*', out: backends.tempoTrace(['istio-ingressgateway.istio-system', 'productpage.bookinfo']) }],
    step: 8,
    expected: /and of one of details\.bookinfo reviews\.bookinfo/,
    seen: /spans of istio-ingressgateway\.istio-system productpage\.bookinfo only: the trace headers are not forwarded/,
    look: /npx meshwright headers/,
    read: /7\. There are traces, but each of one hop only\?/,
  },
  {
    name: 'a trace without the app',
    curl: [{ to: '*/api/v2/traces/*', out: backends.tempoTrace(['istio-ingressgateway.istio-system']) }],
    step: 8,
    expected: /spans of productpage\.bookinfo/,
    seen: /spans of istio-ingressgateway\.istio-system$/,
    look: /logs deploy\/tempo/,
  },
  {
    name: 'a page that is not well',
    curl: [{ to: '*/kiali/healthz*', status: '500', out: 'no' }],
    step: 9,
    expected: /200 from \/kiali\/healthz of kiali/,
    seen: /500/,
    look: /kubectl -n observability describe service\/kiali/,
    read: /"Ways in"/,
  },
];

describe.concurrent('the smoke test of tempo stops at', () => {
  const script = ofStack('tempo');
  it.each(failures)('$name', async ({ step, expected, seen, look, read, kubectl = [], curl = [] }) => {
    const ran = await run(script, but(goodCluster('tempo'), { kubectl, curl }));
    expect(ran.code).toBe(1);
    const begun = ran.out.match(/^\d+\/9 .*$/gm) ?? [];
    expect(begun).toHaveLength(step);
    const told = (what: string) => new RegExp(`^ {2}${what}: +(.*?) *$`, 'm').exec(ran.err)?.[1] ?? '';
    const title = /^\S+ (.*) \.\.\.$/.exec(begun.at(-1) ?? '')?.[1];
    expect(ran.err.split('\n')[0]).toBe(`failed at step ${step} of 9: ${title}`);
    expect(told('expected')).toMatch(expected);
    expect(told('seen')).toMatch(seen);
    expect(told('look at')).toMatch(look);
    if (read) expect(told('read')).toMatch(read);
    expect(ran.forwards.filter(isAlive)).toEqual([]);
  });

  it('has each step fail in one of these', () => {
    expect([...new Set(failures.map(({ step }) => step))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

it('the smoke test looks for ztunnel by the label that its chart puts on the DaemonSet', () => {
  // Istio's chart ztunnel: `app` is a label of the pods alone.
  expect(ofStack('platform-ambient')).toContain('rollout status daemonset -l app.kubernetes.io/name=ztunnel ');
});

describe.concurrent('the smoke test of an ambient stack stops at', () => {
  const script = ofStack('platform-ambient');
  const cases: readonly (readonly [string, Answer, RegExp])[] = [
    [
      'a release that is not installed',
      { to: '*" wait helmrelease"*/tempo*', err: 'timed out', exit: 1 },
      /step 2 .*\n.*release tempo/,
    ],
    [
      'what a release runs',
      { to: '*"status deployment.apps/by-the-chart"*', err: 'timed out', exit: 1 },
      /step 2 .*\n.*by-the-chart/,
    ],
    ['a namespace out of the mesh', { to: '*dataplane-mode*', out: 'none' }, /step 5 .*\n.*dataplane-mode=ambient/],
    ['no ztunnel', { to: '*daemonset*ztunnel*', out: '', err: 'No resources found\n' }, /step 5 .*\n.*a ztunnel on every node/],
    [
      'a waypoint that is not programmed',
      { to: '*" wait gateways"*', err: 'timed out', exit: 1 },
      /step 5 .*\n.*waypoint waypoint/,
    ],
  ];
  it.each(cases)('%s', async (_, answer, told) => {
    const ran = await run(script, but(goodCluster('platform-ambient'), { kubectl: [answer] }));
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(told);
  });

  it('calls that leave no span of the waypoint', async () => {
    const only = backends.tempoTrace(['istio-ingressgateway.istio-system']);
    const ran = await run(script, but(goodCluster('platform-ambient'), { curl: [{ to: '*/api/v2/traces/*', out: only }] }));
    expect(ran.err).toMatch(/step 8 .*\n.*waypoint\.apps/);
  });
});

describe.concurrent('the smoke test of a mesh traced the old way', () => {
  const script = ofStack('jaeger-legacy');
  it('stops at a Telemetry that switches it off', async () => {
    const ran = await run(
      script,
      but(goodCluster('jaeger-legacy'), {
        kubectl: [{ to: '*telemetries*', out: 'shop/logs|\nshop/mine|[{"randomSamplingPercentage":10}]\n' }],
      }),
    );
    expect(ran.err).toMatch(/step 4 .*\n.*no Telemetry with tracing\n.*shop\/mine/);
  });
  it('takes a cluster without the kind for one without a Telemetry', async () => {
    const none = { to: '*telemetries*', err: `error: the server doesn't have a resource type "telemetries"`, exit: 1 };
    const ran = await run(script, but(goodCluster('jaeger-legacy'), { kubectl: [none] }));
    expect(ran.code).toBe(0);
  });
  it('stops at another share of requests', async () => {
    const config =
      'defaultConfig:\n  tracing:\n    sampling: 1\n    zipkin:\n      address: jaeger-collector.istio-system.svc.cluster.local:9411\n';
    const ran = await run(
      script,
      but(goodCluster('jaeger-legacy'), { kubectl: [{ to: '*"get configmap istio "*', out: config }] }),
    );
    expect(ran.err).toMatch(/step 3 .*\n.*defaultConfig\.tracing\.sampling: 50 .*\n.*seen: +1\n/);
  });
});

describe.concurrent('a smoke test', () => {
  const tempo = ofStack('tempo');

  it('asks the address that GATEWAY says, with its port', async () => {
    const ran = await run(tempo, goodCluster('tempo'), { env: { GATEWAY: '[::1]:8080' } });
    expect(ran.code).toBe(0);
    const asked = ran.calls.filter((one) => one.includes('x-client-trace-id:'));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((one) => !one.includes('--connect-to ::[::1]:8080 '))).toEqual([]);
    expect(ran.calls.filter((one) => one.includes('get service'))).toEqual([]);
  });

  it.each([
    ['lab.example', '::lab.example:80 '],
    ['10.1.2.3:31080', '::10.1.2.3:31080 '],
    ['[fd00::7]', '::[fd00::7]:80 '],
    ['fd00::7', '::[fd00::7]:80 '],
  ])('takes GATEWAY=%s', async (GATEWAY, told) => {
    const ran = await run(tempo, goodCluster('tempo'), { env: { GATEWAY } });
    expect(ran.calls.find((one) => one.includes('x-client-trace-id:'))).toContain(`--connect-to ${told}`);
  });

  it('forwards a port of a gateway without an address', async () => {
    const ran = await run(tempo, but(goodCluster('tempo'), { kubectl: [{ to: '*"get service istio-ingressgateway"*' }] }));
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('address none, port 80: out of reach');
    expect(ran.calls.find((one) => one.includes('x-client-trace-id:'))).toContain('--connect-to ::127.0.0.1:10080 ');
  });

  it('asks the address that the stack says, by the name of the certificate', async () => {
    const ran = await run(ofStack('platform'), goodCluster('platform'));
    const asked = ran.calls.find((one) => one.includes('x-client-trace-id:'));
    expect(asked).toContain('-k --connect-to ::10.34.124.115:443 ');
    expect(asked).toContain(' https://bookinfo.istio-dxlab.site.example/productpage');
  });

  it('forwards a port where the address that the stack says is out of reach', async () => {
    const far = { to: '*10.34.124.115*', status: '000', err: 'curl: (28) timed out', exit: 28 };
    const ran = await run(ofStack('platform'), but(goodCluster('platform'), { curl: [far] }));
    expect(ran.code).toBe(0);
    expect(ran.calls.filter((one) => one.includes('--connect-to ::127.0.0.1:10443 '))).not.toEqual([]);
  });

  it('calls kubectl as it is told', async () => {
    const ran = await run(tempo, goodCluster('tempo'), { env: { KUBECTL: 'kubectl --context lab' } });
    expect(ran.calls.filter((one) => one.startsWith('kubectl') && !one.startsWith('kubectl --context lab '))).toEqual([]);
  });

  it.each([
    ['no kubectl', { KUBECTL: 'no-such-program' }, 'not found: no-such-program\n'],
    ['a wrong time', { TIMEOUT: '2m' }, 'TIMEOUT is 2m: write whole seconds, at least 1\n'],
    ['no time', { TIMEOUT: '0' }, 'TIMEOUT is 0: write whole seconds, at least 1\n'],
  ])('ends with 2 for %s', async (_, env, err) => {
    expect(await run(tempo, goodCluster('tempo'), { env })).toMatchObject({ code: 2, err, calls: [] });
  });

  it('ends with 2 and its usage for words it does not know', async () => {
    const ran = await run(tempo, goodCluster('tempo'), { args: ['now'] });
    expect(ran).toMatchObject({ code: 2, calls: [] });
    expect(ran.err).toContain('usage: sh smoke-test.sh');
  });

  it('leaves nothing running when it is told to end', async () => {
    const slow = { to: '*/api/search*', out: '', end: 'TERM' };
    const ran = await run(tempo, but(goodCluster('tempo'), { curl: [slow] }));
    expect(ran.code).toBe(143);
    expect(ran.forwards).toHaveLength(1);
    expect(ran.forwards.filter(isAlive)).toEqual([]);
    expect(ran.left).toEqual([]);
  });

  it('runs in bash as in sh', async () => {
    expect((await run(tempo, goodCluster('tempo'), { shell: 'bash' })).code).toBe(0);
  });

  it('reads a mesh config however it is spelled', async () => {
    const config = [
      '# by hand',
      '"defaultProviders":',
      '    tracing:',
      "      - 'otel'   ".trimEnd(),
      'extensionProviders:',
      '    -   opentelemetry:',
      '            service:   "otel-collector.observability.svc.cluster.local"',
      '            port: "4317"',
      '            resource_detectors: {environment: {}}',
      '        name: "otel"',
      '    - envoyExtAuthzHttp:',
      '        includeRequestHeadersInCheck:',
      '        - name',
      '        port: 1',
      '      name: authz',
      'rootNamespace: istio-system',
    ].join('\r\n');
    const ran = await run(tempo, but(goodCluster('tempo'), { kubectl: [{ to: '*"get configmap istio "*', out: config }] }));
    expect(ran.err).toBe('');
    expect(ran.code).toBe(0);
  });

  it('finds traces of an OAP that keeps segments, by their ids', async () => {
    const spans = (traceId: string, value: string) =>
      JSON.stringify({
        data: {
          queryTrace: {
            spans: ['productpage.bookinfo', 'details.bookinfo'].map((serviceCode) => ({
              ...{ traceId, serviceCode },
              tags: [{ key: 'guid:x-client-trace-id', value }],
            })),
          },
        },
      });
    const old: readonly Answer[] = [
      { to: '*queryTraces*', out: '{"errors":[{"message":"Validation error (FieldUndefined@[queryTraces])"}]}' },
      { to: '*queryBasicTraces*', out: '{"data":{"queryBasicTraces":{"traces":[{"traceIds":["one"]},{"traceIds":["two"]}]}}}' },
      { to: '*queryTrace*one*', out: spans('one', 'find-me-1') },
      { to: '*queryTrace*two*', out: spans('two', '@ID@') },
    ];
    const ran = await run(ofStack('skywalking'), but(goodCluster('skywalking'), { curl: old }));
    expect(ran.err).toBe('');
    expect(ran.out).toContain('spans of details.bookinfo productpage.bookinfo');
    const one = await run(
      ofStack('skywalking'),
      but(goodCluster('skywalking'), { curl: [{ to: '*queryTrace*two*', out: spans('two', 'other') }, ...old] }),
    );
    expect(one.err).toMatch(/no such trace/);
  });
});
