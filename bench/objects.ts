import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { Layer, MeshApp, Stack } from '../constructs/index.ts';
import { VirtualService } from '../imports/networking.istio.io.ts';

/** The same mix throughout: VirtualServices and ConfigMaps, half each. */
export function fill(chart: Construct, layer: number, objects: number): void {
  for (let i = 0; i < objects / 2; i++) {
    new VirtualService(chart, `route-${i}`, {
      metadata: { name: `route-${layer}-${i}`, labels: { app: `app-${i}` } },
      spec: {
        hosts: [`app-${i}.team-${layer}.svc.cluster.local`],
        http: [
          {
            match: [{ headers: { 'end-user': { exact: 'jason' } } }],
            route: [{ destination: { host: `app-${i}`, subset: 'v2', port: { number: 8080 } } }],
          },
          {
            route: [
              { destination: { host: `app-${i}`, subset: 'v1' }, weight: 90 },
              { destination: { host: `app-${i}`, subset: 'v2' }, weight: 10 },
            ],
            timeout: '5s',
          },
        ],
      },
    });
    new k8s.KubeConfigMap(chart, `config-${i}`, {
      metadata: { name: `config-${layer}-${i}` },
      data: { 'app.yaml': `name: app-${i}\nteam: ${layer}\nlevel: info\n`, LOG_LEVEL: 'info', RETRIES: '3', TIMEOUT: '5s' },
    });
  }
}

/** Ours: one stack of layers, published to a folder. */
export function ours(outdir: string, layers: number, objects: number, chained = false): MeshApp {
  const app = new MeshApp({ outdir, proof: 'skip' });
  const stack = new Stack(app, 'bench');
  let before: Layer | undefined;
  for (let l = 0; l < layers; l++) {
    const layer = new Layer(stack, `layer-${l}`, {
      namespace: { existing: `team-${l}` },
      ...(chained && before ? { after: [before] } : {}),
    });
    fill(layer, l, objects);
    before = layer;
  }
  return app;
}

/** The same in cdk8s alone. */
export function theirs(outdir: string, layers: number, objects: number, chained = false): App {
  const app = new App({ outdir });
  let before: Chart | undefined;
  for (let l = 0; l < layers; l++) {
    const chart = new Chart(app, `layer-${l}`, { namespace: `team-${l}`, disableResourceNameHashes: true });
    fill(chart, l, objects);
    if (chained && before) chart.addDependency(before);
    before = chart;
  }
  return app;
}
