import { Construct } from 'constructs';
import { repositories, versions } from '../kit/versions.ts';
import { Workload } from '../kit/workload.ts';

/** Options of {@link Curl}. */
export interface CurlProps {
  /** The image's tag. @default the catalog's */
  readonly version?: string;
}

/**
 * A pod to send requests from, by `kubectl exec deploy/curl -- curl ...`: Istio's sample `curl`, called `sleep` before 1.24.
 *
 * It is in the mesh when its namespace is enrolled.
 */
export class Curl extends Construct {
  readonly workload: Workload;

  constructor(scope: Construct, id: string, props: CurlProps = {}) {
    super(scope, id);
    const { version = versions.curl } = props;
    // No probe: nothing listens here.
    this.workload = new Workload(this, 'workload', {
      name: 'curl',
      version,
      image: `${repositories.curl}:${version}`,
      user: 100,
      command: ['sleep', 'infinity'],
      // As process 1, sleep does not end on SIGTERM, and has nothing to finish.
      graceSeconds: 0,
      // As in Istio's sample, though nothing listens at it: the mesh knows a client by its Service.
      service: [{ name: 'http', port: 80, appProtocol: 'http' }],
    });
  }
}
