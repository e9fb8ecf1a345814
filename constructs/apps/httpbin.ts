import type { Construct } from 'constructs';
import type { Page, Published } from '../kit/capabilities.ts';
import type { PodProps } from '../kit/pod.ts';
import { VersionedApp } from '../kit/versioned-app.ts';
import { versions as catalog, repositories } from '../kit/versions.ts';

/** Options of {@link Httpbin}. */
export interface HttpbinProps<V extends string = 'v1'> {
  /** Its `app` label and the name of its Service; names the exposure's objects too. A DNS label. @default 'httpbin' */
  readonly name?: string;
  /** The versions that run side by side, all of one image: mirroring wants two, `['v1', 'v2']`. @default ['v1'] */
  readonly versions?: readonly [V, ...V[]];
  /** The image's tag. @default the catalog's */
  readonly version?: string;
}

/**
 * Answers a request with what it says of itself: `/headers`, `/status/418`, `/delay/5` (go-httpbin; Istio's samples/httpbin since 1.24).
 *
 * `httpbin.versions.v1` is one of its versions, for routes.
 */
export class Httpbin<const V extends string = 'v1'> extends VersionedApp<V> implements Published {
  readonly page: Page;

  /** @throws UserError when a name is no DNS label */
  constructor(scope: Construct, id: string, props: HttpbinProps<V> = {}) {
    const { name = 'httpbin', version = catalog.httpbin } = props;
    const port = 8080;
    const pod: PodProps = {
      image: `${repositories.httpbin}:${version}`,
      user: 1000,
      ports: [{ name: 'http', port }],
      readiness: { get: '/status/200', port, period: 5 },
      liveness: { get: '/status/200', port },
    };
    super(scope, id, {
      name,
      ports: [{ name: 'http', port: 8000, targetPort: port, appProtocol: 'http' }],
      serviceLabels: { service: name },
      versions: samePod(props.versions, pod),
    });
    this.page = { name, endpoint: this.service.endpoint('http', 'http'), path: '/', sidecar: 'by-namespace' };
  }
}

/** Left out, the versions are those of `V`'s default. */
function samePod<V extends string>(names: readonly V[] | undefined, pod: PodProps): { readonly [version in V]: PodProps } {
  // Object.fromEntries forgets the keys' type.
  return Object.fromEntries((names ?? ['v1']).map((name) => [name, pod])) as { readonly [version in V]: PodProps };
}
