import { Construct } from 'constructs';
import type { Page, Published } from '../kit/capabilities.ts';
import { ConfigFiles } from '../kit/config-files.ts';
import { packageFile } from '../kit/package-file.ts';
import type { PodProps } from '../kit/pod.ts';
import { type Forwarded, forwardedHeaders } from '../kit/trace-headers.ts';
import { VersionedApp } from '../kit/versioned-app.ts';
import { repositories, versions } from '../kit/versions.ts';

/** Options of {@link PolyglotDemo}. */
export interface PolyglotDemoProps {
  /** What the services forward: `all`, one tracer's set, or the whole list, as in a {@link HeaderChain}. @default 'all' */
  readonly headers?: Forwarded;
  /** The images with their tags, where not the catalog's. OpenResty for Lua; for Go the whole toolchain: it builds when it starts. */
  readonly images?: {
    readonly python?: string;
    readonly lua?: string;
    readonly node?: string;
    readonly go?: string;
  };
}

/** One service of a {@link PolyglotDemo}: routes and faults go to it, policies name it. */
export type PolyglotService = VersionedApp<'v1'>;

const port = 8080;

/**
 * Five services in four languages, each of which forwards trace headers in its own:
 *
 *     service-web (a page, Node) -> service-python -> service-lua
 *                                                  -> service-node
 *                                -> service-go
 *
 * `GET /env` of each joins the answers of those that it asks, `Python3.13.14----->Lua5.1, Node22.20.0`, or is 502 with the reason;
 * `GET /status` is `ok`. Small programs without dependencies, run from ConfigMaps on stock images, at port 80 of their Services
 * `service-NAME`; one demo a namespace. Go's takes a minute or two to start.
 */
export class PolyglotDemo extends Construct implements Published {
  /** By language; `web` is the page. */
  readonly services: { readonly [name in 'web' | 'python' | 'lua' | 'node' | 'go']: PolyglotService };
  /** The names of the headers that each service forwards when they come, in lower case. */
  readonly forwards: readonly string[];
  readonly page: Page;

  /** @throws UserError when a header cannot be forwarded, or an image is not pinned */
  constructor(scope: Construct, id: string, props: PolyglotDemoProps = {}) {
    super(scope, id);
    const { headers = 'all', images = {} } = props;
    this.forwards = forwardedHeaders(headers, `'${this.node.path}'`);

    const lua = this.service('lua', ['nginx.conf'], {
      image: images.lua ?? `${repositories.openresty}:${versions.openresty}`,
      user: 1000,
      command: ['openresty', '-p', '/tmp/', '-e', 'stderr', '-c', '/app/nginx.conf', '-g', 'daemon off;'],
      mounts: [{ at: '/tmp', scratch: 'disk' }],
    });
    const node = this.service('node', ['service.mjs'], this.nodePod(images.node));
    const python = this.service('python', ['service.py'], {
      image: images.python ?? `${repositories.python}:${versions.python}`,
      user: 1000,
      command: ['python', '/app/service.py'],
      env: this.asks(lua, node),
    });
    const go = this.service('go', ['service.go'], {
      image: images.go ?? `${repositories.golang}:${versions.golang}`,
      user: 1000,
      // Not `go run`: as process 1 it would keep SIGTERM to itself.
      command: ['sh', '-c', 'go build -o /tmp/service /app/service.go && exec /tmp/service'],
      env: { ...this.asks(), CGO_ENABLED: '0', GOCACHE: '/tmp/cache' },
      mounts: [{ at: '/tmp', scratch: 'disk' }],
      resources: { cpu: '200m', memory: '256Mi' },
      // Ten minutes: it compiles its standard library first.
      startup: { get: '/status', port, period: 5, failures: 120 },
    });
    const webPod = this.nodePod(images.node, python, go);
    const web = this.service('web', ['service.mjs', 'index.html'], {
      ...webPod,
      env: { ...webPod.env, NAME: 'Web', PAGE: '/app/index.html' },
    });

    this.services = { web, python, lua, node, go };
    this.page = {
      name: 'polyglot',
      endpoint: web.service.endpoint('http', 'http'),
      path: '/',
      routes: [{ exact: '/' }, { exact: '/env' }],
      sidecar: 'by-namespace',
    };
  }

  private nodePod(image = `${repositories.node}:${versions.node}`, ...upstreams: readonly PolyglotService[]): PodProps {
    return { image, user: 1000, command: ['node', '/app/service.mjs'], env: this.asks(...upstreams) };
  }

  /** The variables that tell a service whom to ask, and what to forward. */
  private asks(...upstreams: readonly PolyglotService[]): Record<string, string> {
    const urls = upstreams.map(({ service }) => service.endpoint('http', 'http', '/env').url);
    return { ...(urls.length > 0 ? { UPSTREAMS: urls.join(',') } : {}), FORWARD_HEADERS: this.forwards.join(',') };
  }

  private service(language: string, files: readonly string[], pod: PodProps): PolyglotService {
    const name = `service-${language}`;
    const program = new ConfigFiles(this, `program-${language}`, {
      name,
      files: Object.fromEntries(files.map((file) => [file, packageFile(`constructs/apps/polyglot/${file}`)])),
    });
    return new VersionedApp(this, name, {
      name,
      ports: [{ name: 'http', port: 80, targetPort: port, appProtocol: 'http' }],
      versions: {
        v1: {
          ...pod,
          ports: [{ name: 'http', port }],
          mounts: [{ at: '/app', files: program }, ...(pod.mounts ?? [])],
          readiness: { get: '/status', port, period: 5 },
          liveness: { get: '/status', port },
        },
      },
    });
  }
}
