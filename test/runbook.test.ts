import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MeshApp } from '../constructs/app.ts';
import { modelOf, readWorlds, runbook } from '../constructs/proof/index.ts';
import { jaeger } from '../stacks/jaeger.ts';
import { platform } from '../stacks/platform.ts';
import { traffic } from '../stacks/traffic.ts';
import { goodMesh, worldOf } from './proof-world.ts';

const folder = fs.mkdtempSync(join(tmpdir(), 'runbook-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const books = new Map<string, string>();
beforeAll(() => {
  const app = new MeshApp({ outdir: folder });
  platform(app);
  platform(app, { name: 'platform-ambient', dataplane: 'ambient' });
  jaeger(app);
  traffic(app);
  app.synth();
  for (const stack of ['platform', 'platform-ambient', 'jaeger', 'traffic']) {
    const [world] = readWorlds([join(folder, stack)]);
    if (world) books.set(stack, runbook(modelOf(world), stack));
  }
}, 60_000);

/** One section of a stack's runbook, without its subsections when `until` says so. */
function section(stack: string, title: string): string {
  return sectionOf(books.get(stack) ?? '', title);
}

function sectionOf(book: string, title: string): string {
  const [, rest = ''] = book.split(`\n## ${title}\n`);
  return rest.split('\n## ')[0] ?? '';
}

/** The row of a table whose first cells are these. */
function row(text: string, ...cells: string[]): string[] {
  const rows = text.split('\n').filter((line) => line.startsWith(`| ${cells.join(' | ')} |`));
  expect(rows, cells.join(' | ')).toHaveLength(1);
  return (rows[0] ?? '').split('|').map((cell) => cell.trim());
}

const ofYaml = (...parts: string[]) => runbook(modelOf(worldOf(parts.join('\n---\n'))), 'mine');

describe('the ways in of a runbook', () => {
  it('are a row for each page and way: URL, way in, address, forwarded port', () => {
    const text = section('platform', 'Ways in');
    expect(row(text, 'grafana', '<https://grafana.dxlab.site.example>')).toEqual([
      '',
      'grafana',
      '<https://grafana.dxlab.site.example>',
      'Ingress `traefik`',
      '10.34.124.114',
      '`kubectl -n monitoring port-forward service/kube-prometheus-stack-grafana 8080:80`, <http://localhost:8080>',
      '',
    ]);
    expect(row(text, 'kiali', '<https://kiali.dxlab.site.example/kiali>')[5]).toContain('<http://localhost:20001/kiali>');
    expect(row(text, 'productpage', '<https://bookinfo.istio-dxlab.site.example/productpage>')[3]).toBe(
      'Istio Gateway `istio-system/bookinfo-gateway`',
    );
    expect(row(text, 'nginx', '<https://nginx.dxlab.site.example>')[4]).toBe('10.34.124.114');
    expect(row(text, 'nginx', '<https://nginx.istio-dxlab.site.example>')[4]).toBe('10.34.124.115');
  });

  it('have lines for the hosts file where the stack says the address', () => {
    expect(section('platform', 'Ways in').split('\n')).toContain(
      '10.34.124.115 bookinfo.istio-dxlab.site.example nginx.istio-dxlab.site.example',
    );
  });

  it('ask the gateway where it does not, and have no column of addresses', () => {
    const text = section('jaeger', 'Ways in');
    expect(text).toContain('GATEWAY=$(kubectl -n istio-system get service istio-ingressgateway ');
    expect(text).toMatch(
      /^echo "\$\{GATEWAY:\?no address yet\} bookinfo\.mesh\.test .*tracing\.mesh\.test" \| sudo tee -a \/etc\/hosts$/m,
    );
    expect(text).toContain('| page | open | way in | by a forwarded port |');
    expect(row(text, 'jaeger')[2]).toBe('<http://tracing.mesh.test/jaeger>');
  });

  it('name the command of istioctl for each page that it finds', () => {
    expect(section('platform', 'Ways in')).toContain('\nistioctl dashboard grafana -n monitoring\nistioctl dashboard kiali\n');
    expect(section('jaeger', 'Ways in')).toContain(
      '\nistioctl dashboard grafana\nistioctl dashboard jaeger\nistioctl dashboard kiali\n',
    );
  });

  it('say what Grafana and Kiali ask for, and nothing where they ask for nothing', () => {
    const text = section('platform', 'Ways in');
    expect(text).toContain(`kubectl -n monitoring get secret grafana-admin -o jsonpath='{.data.password}' | base64 -d`);
    expect(text).toContain('kubectl -n istio-system create token kiali-service-account');
    expect(section('jaeger', 'Ways in')).not.toMatch(/secret|token/);
  });

  it('take the account of a Kiali that runs as a workload, and the keys of a Grafana that does', () => {
    const workload = (name: string, more: string) => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: tools}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: web}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: tools}
spec: {selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}}}, spec: {${more}}}}`;
    const env = `{name: GF_SECURITY_ADMIN_PASSWORD, valueFrom: {secretKeyRef: {name: grafana-login, key: pass.word}}}`;
    const text = sectionOf(
      ofYaml(
        workload(
          'kiali',
          "serviceAccountName: watcher, containers: [{name: kiali, image: 'quay.io/kiali/kiali:v2', ports: [{name: web, containerPort: 20001}]}]",
        ),
        workload(
          'grafana',
          `containers: [{name: grafana, image: 'grafana/grafana:13', env: [${env}], ports: [{name: web, containerPort: 3000}]}]`,
        ),
      ),
      'Ways in',
    );
    expect(text).toContain('kubectl -n tools create token watcher');
    expect(text).toContain(`kubectl -n tools get secret grafana-login -o jsonpath='{.data.pass\\.word}'`);
    expect(row(text, 'kiali', 'not published')[4]).toBe(
      '`kubectl -n tools port-forward service/kiali 8080:80`, <http://localhost:8080/kiali>',
    );
  });

  it('know ports of the nodes, fixed or left to the cluster, and addresses of their own', () => {
    const service = (name: string, spec: string) => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: tools}
spec: {selector: {app: ${name}}, ${spec}}`;
    const text = sectionOf(
      ofYaml(
        service('fixed', 'type: NodePort, ports: [{name: http, port: 80, nodePort: 30686}]'),
        service('left', 'type: NodePort, ports: [{name: http, port: 9090}, {name: grpc, port: 9095}]'),
        service('outer', 'type: LoadBalancer, loadBalancerIP: 10.1.1.1, ports: [{name: http, port: 8080}]'),
      ),
      'Ways in',
    );
    expect(row(text, 'fixed').slice(2, 4)).toEqual(['`http://NODE:30686`', 'a port of every node']);
    expect(row(text, 'left').slice(2, 4)).toEqual(['`http://NODE:PORT`', 'a port of every node']);
    expect(text).toContain(`kubectl -n tools get service left -o jsonpath='{.spec.ports[*].nodePort}'   # PORT of left`);
    expect(text).not.toContain('# PORT of fixed');
    expect(row(text, 'outer').slice(2, 5)).toEqual(['<http://10.1.1.1:8080>', 'an address of its own', '10.1.1.1']);
  });
});

describe('the request that a runbook sends first', () => {
  const ask = (book: string) => sectionOf(book, 'Find a trace').split('\n### ')[0] ?? '';

  it('speaks TLS where the host does, at the address that the stack says', () => {
    expect(ask(books.get('platform') ?? '')).toContain(
      `--resolve 'bookinfo.istio-dxlab.site.example:443:10.34.124.115' 'https://bookinfo.istio-dxlab.site.example/productpage'`,
    );
  });

  it('speaks plainly where the host does, at the address that the gateway has', () => {
    expect(ask(books.get('jaeger') ?? '')).toContain(`-H 'Host: bookinfo.mesh.test' "http://$GATEWAY/productpage"`);
  });

  const without = goodMesh
    .split('\n---\n')
    .filter((one) => !/name: (front|shop), namespace: shop\}/.test(one))
    .join('\n---\n');

  it('goes by the Gateway API', () => {
    const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: istio
  listeners:
  - {name: https, port: 8443, protocol: HTTPS, hostname: shop.site.example, tls: {certificateRefs: [{name: shop}]}}
  - {name: http, port: 80, protocol: HTTP, hostname: shop.site.example}`;
    const route = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  hostnames: [shop.site.example]
  parentRefs: [{name: edge}]
  rules: [{matches: [{path: {type: PathPrefix, value: /buy}}], backendRefs: [{name: reviews, port: 9080}]}]`;
    const text = ask(ofYaml(without, gateway, route));
    expect(text).toContain(
      `GATEWAY=$(kubectl -n shop get gateways.gateway.networking.k8s.io edge -o jsonpath='{.status.addresses[0].value}')`,
    );
    expect(text).toContain(`--connect-to "shop.site.example:8443:$GATEWAY:8443" 'https://shop.site.example:8443/buy'`);
    expect(text).toContain('`kubectl -n shop port-forward service/edge-istio 8443 &`');
  });

  it('goes by an Ingress outside the mesh, where the first proxy is the app’s', () => {
    const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop, annotations: {meshwright.dev/address: 10.34.124.114}}
spec: {ingressClassName: traefik, rules: [{host: shop.site.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: reviews, port: {number: 9080}}}}]}}]}`;
    const text = ask(ofYaml(without, ingress));
    expect(text).toContain(`-H 'Host: shop.site.example' "http://10.34.124.114/"`);
    expect(text).toContain("makes the app's proxy trace");
    expect(text).not.toContain('port-forward');
  });

  it('goes to a port of the nodes where the gateway has one', () => {
    const release = `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: istio-ingressgateway, namespace: istio-system}
spec: {chart: {spec: {chart: gateway}}, values: {service: {type: NodePort, ports: [{name: http2, port: 80, nodePort: 30080}]}}}`;
    const text = ask(ofYaml(goodMesh.replace('profile: default', 'profile: minimal'), release));
    expect(text).toContain('GATEWAY=$(kubectl get nodes ');
    expect(text).toContain(`-H 'Host: shop.mesh.test' "http://$GATEWAY:30080/"`);
  });
});

describe('where a runbook finds programs and pages', () => {
  it('is the Grafana of kube-prometheus-stack, by its URL and with its login', () => {
    expect(section('platform', 'Find a trace')).toContain('Open <https://grafana.dxlab.site.example/explore>, log in (');
  });

  it('is the StatefulSet of Tempo’s chart', () => {
    const book = books.get('platform') ?? '';
    expect(book).toContain('kubectl -n monitoring port-forward statefulset/tempo 3200');
    expect(book).not.toContain('deploy/tempo');
  });

  it.each([
    ['daemonset', 'daemonset/main-collector'],
    ['statefulset', 'statefulset/main-collector'],
    ['deployment', 'deploy/main-collector'],
  ])('is what the operator makes of a collector with mode %s', (mode, name) => {
    const mesh = goodMesh.replace('metadata: {name: main, namespace: observability}\nspec:\n', `$&  mode: ${mode}\n`);
    expect(ofYaml(mesh)).toContain(`port-forward ${name} 8888`);
  });
});

describe('the proxy that a runbook asks', () => {
  it('is that of the app, whatever its pods are made by', () => {
    const mesh = goodMesh.replace(
      'kind: Deployment\nmetadata: {name: reviews-v1,',
      'kind: StatefulSet\nmetadata: {name: reviews-v1,',
    );
    const text = sectionOf(ofYaml(mesh), 'Why do I see no trace?');
    expect(text).toContain('kubectl -n shop exec statefulset/reviews-v1 -c istio-proxy ');
    expect(text).not.toContain('deploy/reviews-v1');
    expect(ofYaml(goodMesh)).toContain('kubectl -n shop exec deploy/reviews-v1 -c istio-proxy ');
  });
});

describe('a runbook of ambient mode', () => {
  it('asks ztunnel, the waypoint and the gateway, and no sidecar', () => {
    const text = section('platform-ambient', 'Why do I see no trace?');
    expect(text).toContain('istioctl ztunnel-config workloads --workload-namespace apps');
    expect(text).toContain('istioctl proxy-config listeners deploy/waypoint -n apps ');
    expect(text).toContain('istioctl proxy-config listeners deploy/istio-ingressgateway -n istio-system ');
    expect(text).toContain('kubectl -n apps exec deploy/waypoint -c istio-proxy ');
    expect(text).not.toMatch(/deploy\/productpage|2\/2|Sidecar resource/);
  });

  it('says who makes spans, and looks for those', () => {
    expect(section('platform-ambient', 'The way of a span')).toContain('`istio-ingressgateway.istio-system`, `waypoint.apps`');
    expect(section('platform-ambient', 'Find a trace')).toContain(
      '{ resource.service.name = "istio-ingressgateway.istio-system" }',
    );
    expect(section('platform', 'The way of a span')).not.toContain('ztunnel');
    expect(section('platform', 'Find a trace')).toContain('{ resource.service.name = "productpage.apps" }');
  });

  it('knows a namespace without a waypoint', () => {
    const mesh = goodMesh.replace('{istio-injection: enabled}', '{istio.io/dataplane-mode: ambient}');
    const text = sectionOf(ofYaml(mesh), 'Why do I see no trace?');
    expect(text).toContain('The namespace has no waypoint, so only the gateway makes spans');
    expect(text).not.toContain('deploy/waypoint');
  });
});

describe('taking a stack away again', () => {
  const title = 'Take it away again';
  const layersIn = (text: string) => {
    const [, list = ''] = /for layer in ([^;]*);/.exec(text) ?? [];
    return list.split(/[\s\\]+/).filter((name) => name !== '');
  };

  it('deletes the Kustomizations of Flux in reverse, releases before their namespace', () => {
    const text = section('platform', title);
    const layers = layersIn(text);
    const { layers: order } = JSON.parse(fs.readFileSync(join(folder, 'platform/inventory.json'), 'utf8'));
    const steps: string[] = order.map(({ name }: { name: string }) => name).filter((name: string) => name !== 'flux');
    expect(layers).toEqual(steps.map((name) => `platform-${name}`).reverse());
    expect(text.indexOf('kubectl delete helmrelease')).toBeLessThan(text.indexOf('delete kustomization "$layer"'));
    expect(text).toContain('kubectl -n flux-system delete gitrepository platform');
    expect(text).not.toContain('istioctl uninstall');
  });

  it('deletes folders in reverse where nobody waits for them, then Istio as it came', () => {
    const text = section('jaeger', title);
    const folders = [...text.matchAll(/^kubectl delete -k dist\/jaeger\/(\S+) /gm)].map(([, name]) => name);
    expect(folders).toEqual(['exposure', 'apps', 'addons', 'mesh']);
    expect(text.indexOf('istioctl uninstall --purge')).toBeGreaterThan(text.indexOf('dist/jaeger/mesh'));
  });

  it('leaves the CRDs to the end, those of the stack alone', () => {
    for (const [stack, groups] of [
      ['jaeger', 'istio[.]io'],
      ['platform', 'cert-manager[.]io|istio[.]io|kiali[.]io|metallb[.]io|monitoring[.]coreos[.]com|opentelemetry[.]io'],
    ] as const) {
      const lines = section(stack, title).split('\n');
      expect(lines.filter((line) => line.startsWith('kubectl')).at(-1)).toBe(
        `kubectl get crd -o name | grep -E '[.](${groups})$' | xargs kubectl delete`,
      );
    }
  });

  it('says first which namespaces go, and how to keep data where there is some', () => {
    expect(section('platform', title)).toMatch(/^\nAll that is in `apps`, .*`otel-system` goes/);
    expect(section('platform', title)).toContain('kubectl patch pv VOLUME');
    expect(section('jaeger', title)).not.toContain('kubectl patch pv');
  });

  it('takes a variant away before its stack, and only where there are some', () => {
    const text = section('traffic', title);
    expect(text.indexOf('dist/traffic/VARIANT')).toBeGreaterThan(0);
    expect(text.indexOf('dist/traffic/VARIANT')).toBeLessThan(text.indexOf('dist/traffic/exposure'));
    expect(text).not.toContain('dist/traffic/all-v1');
    expect(section('jaeger', title)).not.toContain('VARIANT');
  });

  it('leaves an Istio alone that was there before', () => {
    const home = join(folder, 'guest');
    fs.mkdirSync(join(home, 'apps'), { recursive: true });
    fs.writeFileSync(join(home, 'apps/apps.k8s.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n');
    fs.writeFileSync(
      join(home, 'inventory.json'),
      JSON.stringify({ stack: 'guest', layers: [{ name: 'apps', after: [] }], mesh: {} }),
    );
    const [world] = readWorlds([home]);
    const text = world ? sectionOf(runbook(modelOf(world), 'guest'), title) : '';
    expect(text).toContain('Istio was there before this stack, and stays');
    expect(text).not.toMatch(/uninstall|get crd/);
  });

  it('is not told of what has no layers', () => {
    expect(ofYaml(goodMesh)).not.toContain(title);
  });
});
