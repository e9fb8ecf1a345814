import { Construct } from 'constructs';
import type { Page, Published } from '../kit/capabilities.ts';
import type { MeshService } from '../kit/service.ts';
import { repositories, versions } from '../kit/versions.ts';
import { Workload } from '../kit/workload.ts';

/** Options of {@link Nginx}. */
export interface NginxProps {
  /** Its `app` label and the name of its Service; names the exposure's objects too. A DNS label. @default 'nginx' */
  readonly name?: string;
  /** The image's tag. @default the catalog's */
  readonly version?: string;
}

/** nginx with its welcome page: the smallest thing to publish. The image is the unprivileged one, so that it runs without root. */
export class Nginx extends Construct implements Published {
  readonly workload: Workload;
  readonly page: Page;

  /** @throws UserError when the name is no DNS label */
  constructor(scope: Construct, id: string, props: NginxProps = {}) {
    super(scope, id);
    const { name = 'nginx', version = versions.nginx } = props;
    const port = 8080;
    this.workload = new Workload(this, 'workload', {
      name,
      version,
      image: `${repositories.nginx}:${version}`,
      user: 101,
      ports: [{ name: 'http', port }],
      // Its process id and the bodies of large requests.
      mounts: [{ at: '/tmp', scratch: 'disk' }],
      service: [{ name: 'http', port: 80, targetPort: port, appProtocol: 'http' }],
      readiness: { get: '/', port, period: 5 },
      liveness: { get: '/', port },
    });
    this.page = { name, endpoint: this.service.endpoint('http', 'http'), path: '/', sidecar: 'by-namespace' };
  }

  /** Where routes send requests to. */
  get service(): MeshService {
    return this.workload.service;
  }
}
