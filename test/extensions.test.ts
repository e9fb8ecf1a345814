import { describe, expect, it } from 'vitest';
import {
  TrafficExtension,
  type TrafficExtensionProps,
  WasmExtension,
  type WasmExtensionProps,
  type WasmModule,
} from '../constructs/mesh/index.ts';
import { validate } from '../constructs/proof/schemas.ts';
import { layer } from './support/synth.ts';

const cart = { namespace: 'shop', selector: { app: 'cart' } };
const waypoint = { api: 'gateway-api', gateway: { namespace: 'shop', name: 'waypoint' } } as const;
const image = 'ghcr.io/istio-ecosystem/wasm-extensions/basic_auth:1.12.0';
const download = 'https://modules.site.example/auth.wasm';
const sha256 = 'a'.repeat(64);
const lua = 'function envoy_on_request(handle) handle:headers():add("x-seen", "yes") end';

function wasm(props: WasmExtensionProps) {
  const made = new WasmExtension(layer('shop'), 'auth', props).toJson();
  expect(validate(made)).toEqual([]);
  return made;
}

function traffic(props: TrafficExtensionProps) {
  const made = new TrafficExtension(layer('shop'), 'auth', props).toJson();
  expect(validate(made)).toEqual([]);
  return made;
}

const refused = (props: WasmExtensionProps) => expect(() => wasm(props));

type Keys<T> = T extends unknown ? keyof T : never;
type Pairs<T> = { readonly [K in Keys<T>]: readonly [given: object, field: object] };

describe('WasmExtension', () => {
  it('is a WasmPlugin for some pods', () => {
    expect(wasm({ image, for: cart })).toEqual({
      apiVersion: 'extensions.istio.io/v1alpha1',
      kind: 'WasmPlugin',
      metadata: { name: 'auth', namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'cart' } }, url: `oci://${image}` },
    });
  });

  const table: Pairs<WasmExtensionProps> = {
    name: [{ image, name: 'other' }, {}],
    for: [{ image, for: cart }, { selector: { matchLabels: { app: 'cart' } } }],
    at: [{ image, at: waypoint }, { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'waypoint' }] }],
    image: [{ image }, { url: `oci://${image}` }],
    registry: [
      { image, registry: 'harbor.site.example:8443/mirror' },
      { url: 'oci://harbor.site.example:8443/mirror/istio-ecosystem/wasm-extensions/basic_auth:1.12.0' },
    ],
    pullSecret: [{ image, pullSecret: 'harbor' }, { imagePullSecret: 'harbor' }],
    download: [{ download, sha256 }, { url: download }],
    sha256: [{ download, sha256 }, { sha256 }],
    config: [{ image, config: { rules: [{ prefix: '/' }] } }, { pluginConfig: { rules: [{ prefix: '/' }] } }],
    pluginName: [{ image, pluginName: 'basic' }, { pluginName: 'basic' }],
    onFailure: [{ image, onFailure: 'pass' }, { failStrategy: 'FAIL_OPEN' }],
    env: [
      { image, env: { MODE: { value: 'dry' }, POD_NAME: 'host' } },
      {
        vmConfig: {
          env: [
            { name: 'MODE', value: 'dry' },
            { name: 'POD_NAME', valueFrom: 'HOST' },
          ],
        },
      },
    ],
    phase: [{ image, phase: 'authn' }, { phase: 'AUTHN' }],
    priority: [{ image, priority: -5 }, { priority: -5 }],
    match: [
      { image, match: [{ mode: 'server', ports: [9080] }, { mode: 'both' }] },
      { match: [{ mode: 'SERVER', ports: [{ number: 9080 }] }, { mode: 'CLIENT_AND_SERVER' }] },
    ],
    type: [{ image, type: 'network' }, { type: 'NETWORK' }],
  };

  it.each(Object.entries(table))('knows %s', (option, [given, field]) => {
    // The rows are object literals of which the compiler knows the keys only.
    const made = wasm(given as WasmExtensionProps);
    expect(made.spec).toMatchObject(field);
    if (option === 'name') expect(made.metadata.name).toBe('other');
  });

  it('takes a digest, with or without a tag', () => {
    expect(wasm({ image: `ghcr.io/a/b@sha256:${sha256}` }).spec.url).toBe(`oci://ghcr.io/a/b@sha256:${sha256}`);
    expect(wasm({ image: `localhost:5000/b:1@sha256:${sha256}` }).spec.url).toBe(`oci://localhost:5000/b:1@sha256:${sha256}`);
  });

  it('refuses what may be another program tomorrow, and what is misspelt', () => {
    for (const bad of ['ghcr.io/a/b', 'ghcr.io/a/b:latest'])
      refused({ image: bad }).toThrow(`image of 'layer/auth' is "${bad}", which may be another program tomorrow`);
    for (const bad of ['oci://ghcr.io/a/b:1', 'basic_auth:1', 'istio/basic_auth:1', 'ghcr.io/a/b:1@sha256:abc'])
      refused({ image: bad }).toThrow(`image of 'layer/auth' is "${bad}": allowed is REGISTRY/PATH`);
    refused({ image, registry: 'https://harbor.site.example' }).toThrow(
      'registry of \'layer/auth\' is "https://harbor.site.example"',
    );
    refused({ image, registry: 'harbor.site.example:99999' }).toThrow('port 99999');
    refused({ image, pullSecret: 'A' }).toThrow('pullSecret of \'layer/auth\' is "A"');
    refused({ download, sha256: 'abc' }).toThrow('sha256 of \'layer/auth\' is "abc"');
    refused({ download: 'ftp://a/b', sha256 }).toThrow('download of \'layer/auth\' is "ftp://a/b"');
    refused({ image, pluginName: '' }).toThrow('pluginName');
    refused({ image, env: { 'A B': 'host' } }).toThrow('env of \'layer/auth\' names "A B"');
    refused({ image, priority: 0.5 }).toThrow("priority of 'layer/auth' is 0.5");
    refused({ image, match: [{ ports: [0] }] }).toThrow('port 0');
    refused({ image, for: { ...cart, namespace: 'bank' } }).toThrow("'layer/auth' is for pods of 'bank', but stands in 'shop'");
    refused({ image, at: { ...waypoint, gateway: { namespace: 'bank', name: 'w' } } }).toThrow("is for gateway 'w' of 'bank'");
    // @ts-expect-error an Istio Gateway is no target
    wasm({ image, at: { api: 'istio', gateway: waypoint.gateway } });
    // @ts-expect-error a module by http without its digest
    refused({ download }).toThrow('sha256');
  });
});

describe('TrafficExtension', () => {
  const module: WasmModule = { image, config: { a: 1 }, onFailure: 'reload' };
  const table: Pairs<TrafficExtensionProps> = {
    name: [{ lua, name: 'other' }, {}],
    for: [{ lua, for: cart }, { selector: { matchLabels: { app: 'cart' } } }],
    at: [{ lua, at: waypoint }, { targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'waypoint' }] }],
    phase: [{ lua, phase: 'stats' }, { phase: 'STATS' }],
    priority: [{ lua, priority: 1 }, { priority: 1 }],
    match: [{ lua, match: [{ mode: 'client' }] }, { match: [{ mode: 'CLIENT' }] }],
    lua: [{ lua }, { lua: { inlineCode: lua } }],
    wasm: [{ wasm: module }, { wasm: { url: `oci://${image}`, pluginConfig: { a: 1 }, failStrategy: 'FAIL_RELOAD' } }],
  };

  it.each(Object.entries(table))('knows %s', (option, [given, field]) => {
    // The rows are object literals of which the compiler knows the keys only.
    const made = traffic(given as TrafficExtensionProps);
    expect(made).toMatchObject({ kind: 'TrafficExtension', spec: field });
    if (option === 'name') expect(made.metadata.name).toBe('other');
  });

  it('refuses a script that handles nothing, or is too long', () => {
    expect(() => traffic({ lua: '' })).toThrow("lua of 'layer/auth' handles nothing");
    expect(() => traffic({ lua: lua + ' '.repeat(65_536) })).toThrow('allowed are 65536');
    expect(() => traffic({ wasm: { image: 'ghcr.io/a/b:latest' } })).toThrow('which may be another program tomorrow');
  });
});
