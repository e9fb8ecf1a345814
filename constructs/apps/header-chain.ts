import { Construct } from 'constructs';
import type { Page, Published } from '../kit/capabilities.ts';
import { ConfigFiles } from '../kit/config-files.ts';
import { checkDnsLabel } from '../kit/layer.ts';
import { packageFile } from '../kit/package-file.ts';
import { type Forwarded, forwardedHeaders } from '../kit/trace-headers.ts';
import { UserError } from '../kit/user-error.ts';
import { repositories, versions } from '../kit/versions.ts';
import { Workload } from '../kit/workload.ts';

/** Three names or more: two services have no middle that could lose a header. */
export type ChainServices = readonly [string, string, string, ...string[]];

/** Options of a {@link HeaderChain}. */
export interface HeaderChainProps {
  /** Names the ConfigMap with the program, and the exposure's objects. A DNS label. @default the construct's id */
  readonly name?: string;
  /** The services in the order they ask each other, three at least. DNS labels. @default service-a, service-b, service-c */
  readonly services?: ChainServices;
  /**
   * What each service forwards. You can pass one of:
   * - `all`: every tracer's headers, so that the mesh may change its tracer and no byte changes here;
   * - one tracer's name, e.g. `opentelemetry`: its headers and those of the user (`end-user`, `cookie`, ...);
   * - the whole list, by name.
   *
   * @default 'all'
   */
  readonly headers?: Forwarded;
  /** Node's image's tag: Node 20 or later. @default the catalog's */
  readonly version?: string;
  /** The image without tag. @default docker.io/library/node */
  readonly image?: string;
}

const port = 8080;
const file = 'server.mjs';
const path = '/api/v1/testA';

/**
 * Small services that ask each other in a row and forward trace headers: what an app in a mesh has to do, and a way to see one whole trace.
 *
 * `GET /api/v1/testA/` of the first one lists them all, or answers 502 with the reason. One Node program without dependencies, run from a
 * ConfigMap on a stock image. They are in the mesh when their namespace is enrolled.
 */
export class HeaderChain extends Construct implements Published {
  /** In the order they ask each other. */
  readonly workloads: readonly Workload[];
  /** The names of the headers that each service forwards when they come, in lower case. */
  readonly forwards: readonly string[];
  readonly page: Page;

  /** @throws UserError when a name comes twice or is no DNS label, or a header cannot be forwarded */
  constructor(scope: Construct, id: string, props: HeaderChainProps = {}) {
    super(scope, id);
    const { name = id, services = ['service-a', 'service-b', 'service-c'], headers = 'all' } = props;
    checkDnsLabel(name, `name of header chain '${this.node.path}'`);
    checkServices(services, this.node.path);
    this.forwards = forwardedHeaders(headers, `'${this.node.path}'`);
    const program = new ConfigFiles(this, 'program', {
      name,
      files: { [file]: packageFile(`constructs/apps/header-chain/${file}`) },
    });

    const { version = versions.node, image = repositories.node } = props;
    const add = (service: string, upstream?: Workload) =>
      new Workload(this, `service-${service}`, {
        name: service,
        version: 'v1',
        image: `${image}:${version}`,
        user: 1000,
        command: ['node', `/app/${file}`],
        env: {
          SERVICE_NAME: service,
          SERVICE_VERSION: 'v1',
          FORWARD_HEADERS: this.forwards.join(','),
          ...(upstream ? { UPSTREAM: upstream.service.endpoint('http', 'http', `${path}/`).url } : {}),
        },
        mounts: [{ at: '/app', files: program }],
        ports: [{ name: 'http', port }],
        service: [{ name: 'http', port, appProtocol: 'http' }],
        readiness: { get: '/status', port, period: 5 },
        liveness: { get: '/status', port },
      });
    const [first, ...rest] = services;
    const behind: Workload[] = [];
    // From the last to the first: each is told the address of the one it asks.
    for (const service of rest.toReversed()) behind.unshift(add(service, behind[0]));
    const entry = add(first, behind[0]);
    this.workloads = [entry, ...behind];
    this.page = {
      name,
      endpoint: entry.service.endpoint('http', 'http'),
      path: `${path}/`,
      routes: [{ exact: path }, { prefix: `${path}/` }],
      sidecar: 'by-namespace',
    };
  }
}

function checkServices(services: ChainServices, where: string): void {
  const twin = services.find((name, i) => services.indexOf(name) !== i);
  if (twin !== undefined) throw new UserError(`service "${twin}" of '${where}' comes twice: give each its own name`);
}
