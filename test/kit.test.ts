import { App, Chart, JsonPatch } from 'cdk8s';
import * as plus from 'cdk8s-plus-27';
import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  acknowledgementsIn,
  ConfigFiles,
  Endpoint,
  Layer,
  MeshService,
  Workload,
  type WorkloadProps,
  WorkloadVersion,
} from '../constructs/kit/index.ts';
import { layer, object, objects } from './support/synth.ts';

describe('Endpoint', () => {
  it('is made from a Service, with the full host name', () => {
    const service = new MeshService(layer('shop'), 's', {
      name: 'cart',
      selector: { app: 'cart' },
      ports: [{ name: 'http', port: 8080, appProtocol: 'http' }],
    });
    const endpoint = service.endpoint('http', 'http', '/ui');
    expect(endpoint.host).toBe('cart.shop.svc.cluster.local');
    expect(endpoint.authority).toBe('cart.shop.svc.cluster.local:8080');
    expect(endpoint.url).toBe('http://cart.shop.svc.cluster.local:8080/ui');
    expect(endpoint.service).toEqual({ name: 'cart', namespace: 'shop' });
    expect(() => service.endpoint('grpc', 'grpc')).toThrow("service 'cart' in 'shop' has no port \"grpc\", it has: http (8080)");
  });

  it("takes users' own Services of cdk8s-plus and generated ones", () => {
    const chart = new Chart(new App(), 'c', { namespace: 'own' });
    const service = new plus.Service(chart, 'svc', { metadata: { name: 'mine' }, ports: [{ port: 4317, name: 'grpc-otlp' }] });
    expect(Endpoint.ofService(service, 'grpc-otlp', 'otlp-grpc').authority).toBe('mine.own.svc.cluster.local:4317');
    expect(() => Endpoint.ofService(service, 4318, 'otlp-http')).toThrow('it has: grpc-otlp (4317)');
    const generated = new plus.k8s.KubeService(chart, 'kube', { metadata: { name: 'raw' }, spec: { ports: [{ port: 80 }] } });
    expect(Endpoint.ofService(generated, 80, 'http').host).toBe('raw.own.svc.cluster.local');
    expect(() => Endpoint.ofService(generated, 'http', 'http')).toThrow('does not tell its ports');
  });

  it('refuses an address that carries more than a host, and ports out of range', () => {
    const at = (host: string, port = 80, path = '') => Endpoint.external({ protocol: 'http', host, port, path });
    expect(() => at('http://jaeger')).toThrow('leave out scheme, port and path');
    expect(() => at('jaeger:16686')).toThrow('leave out scheme, port and path');
    expect(() => at('jaeger', 0)).toThrow('port 0 is not a whole number from 1 to 65535');
    expect(() => at('jaeger', 65536)).toThrow('65536');
    expect(() => at('jaeger', 80, 'ui')).toThrow("must begin with '/'");
    expect(at('jaeger.tools.svc.cluster.local').service).toEqual({ name: 'jaeger', namespace: 'tools' });
    expect(at('traces.example.com').service).toBeUndefined();
  });
});

describe('Layer', () => {
  it('owns its namespace when given a name, and shares it with other layers', () => {
    const app = new App();
    const mesh = new Layer(app, 'mesh', { namespace: 'istio-system' });
    const addons = new Layer(app, 'addons', { namespace: mesh, after: [mesh] });
    const old = new Layer(app, 'old', { namespace: { existing: 'legacy' } });
    expect(objects(mesh).map((o) => o.kind)).toEqual(['Namespace']);
    expect(objects(mesh)[0].metadata.namespace).toBeUndefined();
    expect(objects(addons)).toEqual([]);
    expect(addons.namespace).toBe('istio-system');
    expect(addons.namespaceOwner).toBe(mesh);
    expect(old.namespaceOwner).toBeUndefined();
    addons.labelNamespace('team', 'a');
    expect(objects(mesh)[0].metadata.labels).toEqual({ team: 'a' });
    expect(() => old.labelNamespace('team', 'a')).toThrow('kubectl label namespace legacy team=a');
  });

  it('has one owner per namespace', () => {
    const app = new App();
    new Layer(app, 'a', { namespace: 'x' });
    expect(() => new Layer(app, 'b', { namespace: 'x' })).toThrow("namespace 'x' of layer 'b' is owned by layer 'a' already");
  });

  it('takes DNS labels only', () => {
    expect(() => new Layer(new App(), 'A b', { namespace: 'x' })).toThrow('layer id is "A b"');
    expect(() => new Layer(new App(), 'a', { namespace: 'x_y' })).toThrow('namespace of layer \'a\' is "x_y"');
  });
});

const everyOption: Required<WorkloadProps> = {
  name: 'cart',
  version: 'v1',
  image: 'example.test/cart:1.0.0',
  user: 1000,
  group: 0,
  command: ['/cart'],
  args: ['--serve'],
  env: { PLAIN: 'x', NODE: { field: 'spec.nodeName' }, TOKEN: { secret: 'cart', key: 'token' } },
  ports: [{ name: 'http', port: 8080 }],
  mounts: [
    { at: '/tmp', scratch: 'memory' },
    { at: '/secrets', secret: 'cart', key: 'token', as: 'token.txt' },
  ],
  startup: { get: '/up', port: 8080 },
  readiness: { get: '/ready', port: 8080, delay: 1, period: 2, failures: 4 },
  liveness: { run: ['cart', 'ok'] },
  resources: { cpu: '20m', memory: '32Mi', memoryLimit: '64Mi' },
  rootFilesystem: 'writable',
  sidecar: 'always',
  podLabels: { tier: 'web' },
  podAnnotations: { note: 'n' },
  graceSeconds: 5,
  service: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
  replicas: 2,
  access: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  rollout: 'recreate',
};

describe('Workload', () => {
  it('shapes Deployment, Service and ServiceAccount for a mesh', () => {
    const chart = layer('shop');
    new Workload(chart, 'w', {
      name: 'cart',
      version: 'v1',
      image: 'example.test/cart:1',
      user: 1000,
      service: [{ name: 'http', port: 80, appProtocol: 'http' }],
    });
    const { metadata, spec } = object(chart, 'Deployment', 'cart').spec.template;
    expect(metadata.labels).toMatchObject({ app: 'cart', version: 'v1', 'app.kubernetes.io/name': 'cart' });
    expect(metadata.labels['sidecar.istio.io/inject']).toBeUndefined();
    expect(spec.securityContext).toEqual({
      fsGroup: 1000,
      runAsGroup: 1000,
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect(spec.containers[0].resources).toEqual({ requests: { cpu: '10m', memory: '64Mi' } });
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.serviceAccountName).toBe('cart');
    expect(object(chart, 'ServiceAccount', 'cart').metadata.namespace).toBe('shop');
    expect(object(chart, 'Service', 'cart').spec).toEqual({
      ports: [{ name: 'http', port: 80, targetPort: 80, appProtocol: 'http' }],
      selector: { app: 'cart' },
    });
  });

  it('selects pods by app alone, so that a new version can be rolled out', () => {
    const chart = layer();
    new Workload(chart, 'w', { name: 'cart', version: '2.1.0', image: 'i:2.1.0', user: 1 });
    expect(object(chart, 'Deployment', 'cart').spec.selector.matchLabels).toEqual({ app: 'cart' });
  });

  it('renders every option', () => {
    const chart = layer('shop');
    new Workload(chart, 'w', everyOption);
    const { replicas, strategy, template } = object(chart, 'Deployment', 'cart').spec;
    const [container] = template.spec.containers;
    expect({ replicas, strategy }).toEqual({ replicas: 2, strategy: { type: 'Recreate' } });
    expect(template.metadata.labels).toMatchObject({ tier: 'web', 'sidecar.istio.io/inject': 'true' });
    expect(template.metadata.annotations).toEqual({ note: 'n' });
    expect(template.spec.securityContext).toMatchObject({ runAsUser: 1000, runAsGroup: 0 });
    expect(template.spec).toMatchObject({
      terminationGracePeriodSeconds: 5,
      automountServiceAccountToken: true,
      volumes: [
        { name: 'scratch-tmp', emptyDir: { medium: 'Memory' } },
        { name: 'secret-cart-token', secret: { secretName: 'cart', items: [{ key: 'token', path: 'token.txt' }] } },
      ],
    });
    expect(container).toMatchObject({
      image: 'example.test/cart:1.0.0',
      command: ['/cart'],
      args: ['--serve'],
      ports: [{ name: 'http', containerPort: 8080 }],
      volumeMounts: [
        { name: 'scratch-tmp', mountPath: '/tmp' },
        { name: 'secret-cart-token', mountPath: '/secrets', readOnly: true },
      ],
      startupProbe: { httpGet: { path: '/up', port: 8080 } },
      readinessProbe: { httpGet: { path: '/ready', port: 8080 }, initialDelaySeconds: 1, periodSeconds: 2, failureThreshold: 4 },
      livenessProbe: { exec: { command: ['cart', 'ok'] } },
      resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '64Mi' } },
      securityContext: { readOnlyRootFilesystem: false },
    });
    expect(container.env).toEqual([
      { name: 'PLAIN', value: 'x' },
      { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'cart', key: 'token' } } },
    ]);
    expect(object(chart, 'ClusterRole', 'cart-shop')).toMatchObject({
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    });
    expect(object(chart, 'ClusterRole', 'cart-shop').metadata.namespace).toBeUndefined();
    expect(object(chart, 'ClusterRoleBinding', 'cart-shop').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' },
    ]);
  });

  it('makes the disk that it mounts, and never runs two pods for it', () => {
    const chart = layer('shop');
    const cart = { name: 'cart', version: 'v1', image: 'i:1', user: 1000 };
    const claim = { name: 'orders', size: '20Gi', storageClass: 'fast' };
    new Workload(chart, 'w', { ...cart, mounts: [{ at: '/data', claim }] });
    expect(object(chart, 'PersistentVolumeClaim', 'orders')).toMatchObject({
      metadata: { namespace: 'shop' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } }, storageClassName: 'fast' },
    });
    const { strategy, template } = object(chart, 'Deployment', 'cart').spec;
    expect(strategy).toEqual({ type: 'Recreate' });
    expect(template.spec.securityContext.fsGroup).toBe(1000);
    expect(template.spec.volumes).toEqual([{ name: 'claim-orders', persistentVolumeClaim: { claimName: 'orders' } }]);
    expect(template.spec.containers[0].volumeMounts).toEqual([{ name: 'claim-orders', mountPath: '/data' }]);

    const plain = layer('shop');
    new Workload(plain, 'w', { ...cart, mounts: [{ at: '/data', claim: { name: 'orders', size: '1Gi' } }] });
    expect(object(plain, 'PersistentVolumeClaim', 'orders').spec.storageClassName).toBeUndefined();
    expect(
      () =>
        new Workload(layer(), 'w', { ...cart, replicas: 2, mounts: [{ at: '/data', claim: { name: 'orders', size: '1Gi' } }] }),
    ).toThrow("replicas of 'layer/w' is 2: only one pod may hold its volume claim");
    for (const size of ['10', '10GB', '1.5Gi', '0Gi'])
      expect(() => new Workload(layer(), 'w', { ...cart, mounts: [{ at: '/data', claim: { name: 'orders', size } }] })).toThrow(
        `size of volume claim 'orders' of 'layer/w' is ${JSON.stringify(size)}`,
      );
  });

  it('refuses what the API server refuses, or what no pod starts with', () => {
    const made = (props: Partial<WorkloadProps>) => () =>
      new Workload(layer(), 'w', { name: 'cart', version: 'v1', image: 'i:1', user: 1, ...props });
    const claim = (storageClass: string) => [{ at: '/data', claim: { name: 'orders', size: '1Gi', storageClass } }];
    expect(made({ mounts: claim('Fast_SSD') })).toThrow(
      "storageClass of volume claim 'orders' of 'layer/w' is \"Fast_SSD\": allowed are lower-case letters",
    );
    expect(made({ mounts: claim('') })).not.toThrow();
    expect(made({ env: { TOKEN: { secret: 'My_Secret', key: 'token' } } })).toThrow(
      'secret of environment variable TOKEN of \'layer/w\' is "My_Secret"',
    );
    expect(made({ mounts: [{ at: '/etc/tls', secret: 'tls', key: 'a/b', as: 'ca.crt' }] })).toThrow(
      "key \"a/b\" of secret 'tls' of mount /etc/tls of 'layer/w'",
    );
    const memory = (request: string, memoryLimit: string) => made({ resources: { cpu: '1', memory: request, memoryLimit } });
    expect(memory('1.5Gi', '1024Mi')).toThrow(
      "resources of 'layer/w' request 1.5Gi of memory and limit it to 1024Mi: raise memoryLimit, or request less",
    );
    expect(memory('1G', '1Gi')).not.toThrow();
    expect(memory('512Mi', '512Mi')).not.toThrow();
  });

  it('lets patches reach what it has no option for', () => {
    const chart = layer();
    new Workload(chart, 'w', { name: 'cart', version: 'v1', image: 'i:1', user: 1 }).deployment.addJsonPatch(
      JsonPatch.add('/spec/minReadySeconds', 7),
    );
    expect(object(chart, 'Deployment', 'cart').spec.minReadySeconds).toBe(7);
  });

  it('says where its name is wrong, and that it has no service', () => {
    const chart = layer();
    expect(() => new Workload(chart, 'w', { name: 'Cart', version: 'v1', image: 'i:1', user: 1 })).toThrow(
      'name of workload \'layer/w\' is "Cart"',
    );
    expect(() => new Workload(chart, 'x', { name: 'cart', version: 'v1', image: 'i:1', user: 1 }).service).toThrow(
      "workload 'layer/x' has no service",
    );
  });

  const bad: [string, Partial<WorkloadProps>, string][] = [
    ['an image without a tag', { image: 'nginx' }, 'image "nginx" of \'layer/w\' is not pinned'],
    ['an image of a registry with a port, without a tag', { image: 'harbor:5000/nginx' }, 'is not pinned'],
    ['latest', { image: 'nginx:latest' }, 'is not pinned'],
    ['root', { user: 0 }, "user 0 of 'layer/w': allowed are whole numbers from 1"],
    ['a container port out of range', { ports: [{ name: 'http', port: 70_000 }] }, 'port 70000'],
    ['a container port name', { ports: [{ name: 'HTTP', port: 80 }] }, 'name "HTTP" of container port 80'],
    ['a service port name', { service: [{ name: 'HTTP', port: 80, appProtocol: 'http' }] }, "name of port 80 of service 'cart'"],
    [
      'two folders that would be one volume',
      {
        mounts: [
          { at: '/a/b', scratch: 'disk' },
          { at: '/a-b', scratch: 'memory' },
        ],
      },
      "mounts /a/b and /a-b of 'layer/w' would share the volume 'scratch-a-b'",
    ],
  ];
  it.each(bad)('refuses %s', (_what, props, says) => {
    const make = () => new Workload(layer(), 'w', { name: 'cart', version: 'v1', image: 'i:1', user: 1, ...props });
    expect(make).toThrow(says);
  });

  it('takes a digest for a tag', () => {
    const image = `example.test/cart@sha256:${'0'.repeat(64)}`;
    expect(() => new Workload(layer(), 'w', { name: 'cart', version: 'v1', image, user: 1 })).not.toThrow();
  });

  it('keeps versions side by side apart', () => {
    const chart = layer();
    const of = new MeshService(chart, 'service', {
      name: 'reviews',
      selector: { app: 'reviews' },
      ports: [{ name: 'http', port: 80, appProtocol: 'http' }],
    });
    const v2 = new WorkloadVersion(chart, 'v2', {
      of,
      app: 'reviews',
      version: 'v2',
      image: 'i:1',
      user: 1,
      serviceAccount: 'bookinfo-reviews',
    });
    expect(v2.selector).toEqual({ app: 'reviews', version: 'v2' });
    const { selector, template } = object(chart, 'Deployment', 'reviews-v2').spec;
    expect(selector.matchLabels).toEqual({ app: 'reviews', version: 'v2' });
    expect(template.spec.serviceAccountName).toBe('bookinfo-reviews');
  });
});

describe('ConfigFiles', () => {
  const pod = (text: string) => {
    const chart = layer();
    const files = new ConfigFiles(chart, 'c', { name: 'conf', files: { 'a.yaml': { text }, 'b.json': { text }, 'c.txt': text } });
    new Workload(chart, 'w', {
      name: 'w',
      version: '1',
      image: 'i:1',
      user: 1,
      mounts: [
        { at: '/etc/w', files },
        { at: '/etc/one', files, only: 'c.txt' },
      ],
    });
    return chart;
  };

  it('writes each file in the form its name says', () => {
    expect(object(pod('yes'), 'ConfigMap', 'conf').data).toEqual({
      'a.yaml': 'text: "yes"\n',
      'b.json': '{\n  "text": "yes"\n}\n',
      'c.txt': 'yes',
    });
  });

  it('refuses a file name that is no key', () => {
    const chart = layer();
    new ConfigFiles(chart, 'c', { name: 'conf', files: { 'a/b.yaml': '' } });
    expect(() => objects(chart)).toThrow('file name "a/b.yaml" of \'layer/c\'');
  });

  it('changes the pods when a file changes, and only then', () => {
    const annotation = (text: string) =>
      object(pod(text), 'Deployment', 'w').spec.template.metadata.annotations['meshwright.dev/config-hash'];
    expect(annotation('a')).toBe(annotation('a'));
    expect(annotation('a')).not.toBe(annotation('b'));
  });

  it('mounts one volume for several places', () => {
    const { spec } = object(pod('a'), 'Deployment', 'w').spec.template;
    expect(spec.volumes).toEqual([{ name: 'config-conf', configMap: { name: 'conf' } }]);
    expect(spec.containers[0].volumeMounts).toEqual([
      { name: 'config-conf', mountPath: '/etc/w', readOnly: true },
      { name: 'config-conf', mountPath: '/etc/one', readOnly: true, subPath: 'c.txt' },
    ]);
  });
});

describe('MeshService', () => {
  it('refuses ports that share a name or a number', () => {
    const ports = (a: [string, number], b: [string, number]) =>
      new MeshService(layer(), 's', {
        name: 's',
        selector: {},
        ports: [
          { name: a[0], port: a[1], appProtocol: 'http' },
          { name: b[0], port: b[1], appProtocol: 'http' },
        ],
      });
    expect(() => ports(['http', 80], ['http', 81])).toThrow('name and number must be unique');
    expect(() => ports(['http', 80], ['ui', 80])).toThrow('name and number must be unique');
    expect(() => ports(['http', 80], ['ui', 70_000])).toThrow('port 70000');
  });
});

describe('acknowledge', () => {
  it('wants a reason and remembers its place', () => {
    const chart = layer();
    expect(() => acknowledge(chart, 'TRC002', ' ')).toThrow("acknowledging TRC002 at 'layer' needs a reason");
    acknowledge(chart, 'TRC002', 'the vendor adds it');
    expect(acknowledgementsIn(chart.node.root)).toEqual([{ code: 'TRC002', reason: 'the vendor adds it', path: 'layer' }]);
  });
});
