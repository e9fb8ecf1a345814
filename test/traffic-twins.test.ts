import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Helloworld, PolyglotDemo } from '../constructs/apps/index.ts';
import { Layer, MeshApp, Stack } from '../constructs/index.ts';
import { UserError } from '../constructs/kit/index.ts';
import {
  ExternalService,
  HttpRoutes,
  Mesh,
  MutualTls,
  SidecarScope,
  VirtualMachines,
  Waypoint,
} from '../constructs/mesh/index.ts';

/** What stands in one namespace of a new stack. */
function place(app = new MeshApp({ outdir: mkdtempSync(join(tmpdir(), 'bad-input-')) }), name = 'one') {
  const stack = new Stack(app, name);
  const root = new Layer(stack, 'mesh', { namespace: 'istio-system' });
  const istio = new Mesh(root, 'istio', { install: { by: 'istioctl', profile: 'demo' } });
  const apps = new Layer(stack, 'apps', { namespace: 'shop', after: [root] });
  istio.enroll(apps);
  const hello = new Helloworld(apps, 'hello');
  return { app, stack, root, istio, apps, hello };
}

const twice = (make: (id: string) => unknown) => {
  for (const id of ['a', 'b']) make(id);
};

type Place = ReturnType<typeof place>;
const host = (id: string) => ({ host: `${id}.test`, ports: [{ name: 'http', port: 80, appProtocol: 'http' }] }) as const;
const ofHello = (layer: Layer, id: string, { hello }: Place, more: object = {}) =>
  new HttpRoutes(layer, id, { of: hello, rules: [{ to: hello }], ...more });
const variant = ({ stack, apps }: Place) => new Layer(stack, 'variant', { variantOf: apps });
const elsewhere = ({ stack, root }: Place) => new Layer(stack, 'elsewhere', { namespace: 'bank', after: [root] });

/** Two that say something of one thing, each fine by itself; and what must be said of the second. */
const clashes: [what: string, make: (at: Place) => void, message: RegExp][] = [
  ['routes of one host', (at) => twice((id) => ofHello(at.apps, id, at)), /one\/apps\/b\/.*OBJ001/s],
  ['routes of one host by two names', (at) => twice((name) => ofHello(at.apps, name, at, { name })), /one\/apps\/b\/.*RTE004/s],
  [
    'routes of one host in both APIs',
    (at) => {
      ofHello(at.apps, 'a', at);
      ofHello(at.apps, 'b', at, { as: 'gateway-api' });
    },
    /one\/apps\/b\/.*RTE004/s,
  ],
  [
    'routes of one host in base and variant, by two names',
    (at) => {
      ofHello(at.apps, 'a', at);
      ofHello(variant(at), 'b', at, { name: 'other' });
    },
    /one\/variant\/b\/.*RTE004/s,
  ],
  [
    'routes of one host in two namespaces',
    (at) => {
      ofHello(at.apps, 'a', at);
      ofHello(elsewhere(at), 'a', at);
    },
    /one\/elsewhere\/a\/.*RTE004/s,
  ],
  [
    'a version without a policy',
    ({ apps, hello }) => void new HttpRoutes(apps, 'a', { of: hello, rules: [{ to: hello.v1 }] }),
    /one\/apps\/a\/.*REF002/s,
  ],
  ['one host outside', ({ apps }) => twice((id) => new ExternalService(apps, id, host('x'))), /one\/apps\/b\/.*OBJ001/s],
  [
    'scopes of a namespace',
    ({ apps, istio, hello }) => twice((id) => new SidecarScope(apps, id, { mesh: istio, reaches: [hello] })),
    /one\/apps\/b\/.*OBJ001/s,
  ],
  [
    'modes of a namespace',
    ({ apps }) => twice((id) => new MutualTls(apps, id, { to: 'namespace', mode: 'strict' })),
    /'one\/apps\/b' and 'one\/apps\/a' would both make/,
  ],
  [
    'machines of a name',
    ({ apps }) => twice((id) => new VirtualMachines(apps, id, { name: 'vm', version: 'v1' })),
    /one\/apps\/b\/.*OBJ001/s,
  ],
  ['waypoints of a namespace', ({ apps }) => twice((id) => new Waypoint(apps, id)), /one\/apps\/b\/.*OBJ001/s],
  ['demos of a namespace', ({ apps }) => twice((id) => new PolyglotDemo(apps, id)), /one\/apps\/b\/.*OBJ001/s],
  [
    'pods of another namespace',
    (at) => void new MutualTls(elsewhere(at), 'a', { to: at.hello, mode: 'strict' }),
    /'one\/elsewhere\/a' is for 'helloworld' of 'shop', but stands in 'bank'/,
  ],
  [
    'calls of another namespace in the Gateway API',
    (at) => void ofHello(elsewhere(at), 'a', at, { as: 'gateway-api' }),
    /routes 'one\/elsewhere\/a' are in namespace 'bank'/,
  ],
  [
    'a version of another stack',
    (at) => {
      const other = place(at.app, 'two');
      new HttpRoutes(at.apps, 'a', { of: at.hello, rules: [{ to: other.hello.v1 }] });
    },
    /one\/apps\/a\/.*REF002/s,
  ],
];

function caught(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('two of a kind', () => {
  it.each(clashes)('%s', (_, make, message) => {
    const one = place();
    const run = () => {
      make(one);
      one.app.synth();
    };
    const thrown = caught(run);
    expect(thrown).toBeInstanceOf(UserError);
    expect(`${thrown}`).toMatch(message);
  });

  it('are fine where the variant replaces the base', () => {
    const one = place();
    ofHello(one.apps, 'a', one);
    ofHello(variant(one), 'b', one);
    expect(() => one.app.synth()).not.toThrow();
  });
});
