import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HeaderChain } from '../constructs/apps/index.ts';
import { chainOf } from './conformance/flow/chain.ts';
import { copied, copyProblems } from './conformance/flow/forwarding.ts';
import { arrival, turnsRed } from './conformance/flow/outcomes.ts';
import { child, propagations } from './conformance/flow/propagation.ts';
import type { Span } from './conformance/flow/spans.ts';
import { findTrace, type StoredSpan, traceProblems } from './conformance/flow/trace.ts';
import { walk } from './conformance/flow/walk.ts';
import { stackObject } from './conformance/stack.ts';
import { layer, objects } from './support/synth.ts';

describe('propagation', () => {
  const lower = { zipkin: '', opentelemetry: '', skywalking: '', datadog: '0'.repeat(16) };

  it.each(['zipkin', 'opentelemetry', 'skywalking', 'datadog'] as const)('of %s is read as it was written', (name) => {
    const { read, write } = propagations[name];
    for (const context of [child(), child(), { traceId: `${'0'.repeat(16)}00000000000000ff`, spanId: '00000000000000a0' }]) {
      // Datadog's headers hold the lower half of the trace id.
      const traceId = `${lower[name]}${context.traceId.slice(lower[name].length)}`;
      expect(read(write(context))).toEqual({ ...context, traceId });
    }
  });

  it.each(['zipkin', 'opentelemetry', 'skywalking', 'datadog'] as const)('of %s finds nothing where nothing fits', (name) => {
    const { read, write } = propagations[name];
    expect(read({})).toBeUndefined();
    for (const header of Object.keys(write(child()))) expect(read({ [header]: '' })).toBeUndefined();
    const others = (['zipkin', 'opentelemetry', 'skywalking', 'datadog'] as const).filter((other) => other !== name);
    for (const other of others) expect(read(propagations[other].write(child()))).toBeUndefined();
  });

  it('is not led astray by headers that are none', () => {
    expect(propagations.datadog.read({ 'x-datadog-trace-id': 'abc', 'x-datadog-parent-id': '1' })).toBeUndefined();
    expect(propagations.opentelemetry.read({ traceparent: '00-abc-def-01' })).toBeUndefined();
    expect(propagations.skywalking.read({ sw8: '1' })).toBeUndefined();
  });

  it('goes on in the same trace, with another span', () => {
    const parent = child();
    expect(parent.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(parent.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(child(parent)).toMatchObject({ traceId: parent.traceId });
    expect(child(parent).spanId).not.toBe(parent.spanId);
    expect(child().traceId).not.toBe(parent.traceId);
  });
});

describe('a stored trace', () => {
  const sent = (id: string, parentId?: string): Span => ({
    traceId: 't',
    id,
    parentId,
    kind: 'server',
    name: '/',
    service: `of-${id}`,
    start: 0,
    end: 1,
  });
  const stored = (id: string, parentId?: string): StoredSpan => ({ id, parentId, service: `of-${id}`, kind: 'server' });
  const all = [sent('a'), sent('b', 'a'), sent('c', 'b')];

  it('is right when it is one tree of all that was sent, whatever else is in it', () => {
    expect(traceProblems([stored('a'), stored('b', 'x'), stored('x', 'a'), stored('c', 'b')], all)).toEqual([]);
  });

  it.each([
    [[stored('a'), stored('b', 'a')], ['the server span of of-c is not stored']],
    [[stored('a'), stored('b', 'a'), stored('c', 'gone')], ['a span of of-c has the parent gone, which is not in the trace']],
    [[stored('a'), stored('b', 'a'), stored('c')], ['the trace has 2 spans without a parent, expected 1']],
    [
      [],
      [
        ...['a', 'b', 'c'].map((id) => `the server span of of-${id} is not stored`),
        'the trace has 0 spans without a parent, expected 1',
      ],
    ],
  ])('names what is wrong: %#', (found, problems) => {
    expect(traceProblems(found, all)).toEqual(problems);
  });

  it('is read from what Jaeger answers, until all of it is there', async () => {
    const span = (spanID: string, more = {}) => ({ spanID, processID: 'p1', references: [], tags: [], ...more });
    const first = span('a', { tags: [{ key: 'http.method', value: 'GET' }] });
    const second = span('b', {
      references: [
        { refType: 'FOLLOWS_FROM', spanID: 'x' },
        { refType: 'CHILD_OF', spanID: 'a' },
      ],
      tags: [{ key: 'span.kind', type: 'string', value: 'client' }],
    });
    const answers = ['no JSON', { data: [] }, { data: [{ spans: [first] }] }];
    const whole = { data: [{ spans: [first, second], processes: { p1: { serviceName: 'shop' } } }] };
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.end(JSON.stringify(answers.shift() ?? whole));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => server.closeAllConnections());
    onTestFinished(() => void server.close());
    const address = server.address();
    const api = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jaeger`;
    expect(await findTrace(api, 'abc', 2, 30)).toEqual([
      { id: 'a', parentId: undefined, service: 'shop', kind: undefined },
      { id: 'b', parentId: 'a', service: 'shop', kind: 'client' },
    ]);
    expect(asked).toEqual(Array(4).fill('/jaeger/api/traces/abc'));
    answers.push({ data: [] });
    expect(await findTrace(api, 'abc', 2, 0)).toEqual([]);
  });
});

describe('a walk through the chain', () => {
  const deployed = () => {
    const shop = layer('shop');
    new HeaderChain(shop, 'chain');
    return objects(shop).map(stackObject);
  };
  const chain = () => chainOf({ objects: deployed() }) ?? [];
  const services = ['service-a.shop', 'service-b.shop', 'service-c.shop'];

  it('goes from the first to the last, in whatever order the objects are', () => {
    expect(chain().map(({ name }) => name)).toEqual(services);
    expect(chainOf({ objects: deployed().toReversed() })?.map(({ name }) => name)).toEqual(services);
    expect(chainOf({ objects: deployed().filter(({ name }) => name !== 'service-c') })).toBeUndefined();
    expect(chainOf({ objects: [] })).toBeUndefined();
  });

  it.each(['zipkin', 'opentelemetry', 'skywalking', 'datadog'] as const)(
    'holds together by the headers of %s',
    async (propagation) => {
      const walked = await walk(chain(), propagations[propagation]);
      expect(walked.status).toBe(200);
      expect(walked.services).toEqual(services);
      expect(arrival(walked, { propagation })).toMatchObject({ status: 'passed' });
      expect(copied(walked, { propagation })).toMatchObject({ status: 'passed' });
      // A client and a server span for each call: by the gateway and two services.
      expect(walked.spans).toHaveLength(6);
      // Datadog's ids are the lower half.
      expect(new Set(walked.spans.map(({ traceId }) => traceId.slice(-16))).size).toBe(1);
      expect(
        traceProblems(
          walked.spans.map(({ id, parentId, service, kind }) => ({ id, parentId, service, kind })),
          walked.spans,
        ),
      ).toEqual([]);
    },
  );

  it.each([
    ['zipkin', 'x-b3-traceid'],
    ['opentelemetry', 'traceparent'],
    ['skywalking', 'sw8'],
    ['datadog', 'x-datadog-trace-id'],
  ] as const)('falls apart in %s when %s is held back', async (propagation, header) => {
    const walked = await walk(chain(), propagations[propagation], header);
    expect(turnsRed(walked, header, { propagation })).toMatchObject({ status: 'passed' });
    expect(arrival(walked, { propagation })).toMatchObject({ status: 'failed' });
    expect(copyProblems(walked, propagation)).toHaveLength(2);
  });

  it('shows a header that no trace breaks without', async () => {
    const walked = await walk(chain(), propagations.datadog, 'x-request-id');
    expect(arrival(walked, { propagation: 'datadog' })).toMatchObject({ status: 'passed' });
    expect(copyProblems(walked, 'datadog')).toEqual([
      expect.stringMatching(/^service-a\.shop got x-request-id "\w+", and sent not at all$/),
      'x-request-id did not arrive at service-b.shop',
      'x-request-id did not arrive at service-c.shop',
    ]);
  });
});
