import type { Construct } from 'constructs';
import type { Page, Published } from '../kit/capabilities.ts';
import type { PodProps } from '../kit/pod.ts';
import { VersionedApp } from '../kit/versioned-app.ts';
import { istioHub, versions } from '../kit/versions.ts';
import type { WorkloadVersion } from '../kit/workload.ts';

/** Options of {@link Helloworld}. */
export interface HelloworldProps {
  /** The images' tag. @default the catalog's */
  readonly version?: string;
  /** Where the images `examples-helloworld-VERSION` are pulled from. @default Istio's hub */
  readonly hub?: string;
}

/**
 * Two versions that say which one they are at `/hello` (Istio's samples/helloworld): what canaries and locality failover are shown with.
 *
 * `helloworld.v1` and `helloworld.v2` are its versions, for routes. Its Service has a fixed name: one a namespace.
 */
export class Helloworld extends VersionedApp<'v1' | 'v2'> implements Published {
  readonly v1: WorkloadVersion;
  readonly v2: WorkloadVersion;
  readonly page: Page;

  constructor(scope: Construct, id: string, props: HelloworldProps = {}) {
    const { version: tag = versions.helloworld, hub = istioHub } = props;
    const port = 5000;
    const pod = (version: string): PodProps => ({
      image: `${hub}/examples-helloworld-${version}:${tag}`,
      user: 1000,
      ports: [{ name: 'http', port }],
      // gunicorn keeps its workers' heartbeats in files.
      mounts: [{ at: '/tmp', scratch: 'memory' }],
      readiness: { get: '/health', port, period: 5 },
      liveness: { get: '/health', port },
      // Every answer computes for a while: upstream requests as much.
      resources: { cpu: '100m', memory: '64Mi' },
    });
    super(scope, id, {
      name: 'helloworld',
      ports: [{ name: 'http', port, appProtocol: 'http' }],
      serviceLabels: { service: 'helloworld' },
      versions: { v1: pod('v1'), v2: pod('v2') },
    });
    this.v1 = this.versions.v1;
    this.v2 = this.versions.v2;
    this.page = {
      name: 'helloworld',
      endpoint: this.service.endpoint('http', 'http'),
      path: '/hello',
      routes: [{ exact: '/hello' }],
      sidecar: 'by-namespace',
    };
  }
}
