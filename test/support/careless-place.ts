import { Layer, MeshApp, Stack } from '../../constructs/index.ts';
import { ExternalService, Mesh } from '../../constructs/mesh/index.ts';
import { shop } from './routes.ts';
import type { Loose } from './synth.ts';

/** What careless options name: all but the options themselves is right. */
export const { layer: base, reviews, many, mongo, catalog } = shop();
export const { v1, v2 } = reviews.versions;

const stack = new Stack(new MeshApp(), 'lab');
export const mesh = new Mesh(new Layer(stack, 'mesh', { namespace: 'istio-system' }), 'istio', {
  install: { by: 'istioctl', profile: 'demo' },
});
export const outside = new ExternalService(base, 'outside', {
  host: 'api.vendor.example',
  ports: [
    { name: 'http', port: 80, appProtocol: 'http' },
    { name: 'tls', port: 443, appProtocol: 'tls' },
  ],
});

/** A constructor, and options that are right: every text, number and list of them is made wrong in turn. */
export interface Case {
  readonly make: (layer: Layer, props: Loose) => unknown;
  readonly props: Loose;
}
