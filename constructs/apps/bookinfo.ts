import { Construct } from 'constructs';
import type { Page, Published } from '../kit/capabilities.ts';
import type { Call } from '../kit/destination.ts';
import type { PodProps } from '../kit/pod.ts';
import { UserError } from '../kit/user-error.ts';
import { VersionedApp } from '../kit/versioned-app.ts';
import { istioHub, versions } from '../kit/versions.ts';
import type { WorkloadVersion } from '../kit/workload.ts';
import { TrafficPolicy } from '../mesh/traffic/policy/traffic-policy.ts';
import { HttpRoutes } from '../mesh/traffic/routes/http-routes.ts';
import { split } from '../mesh/traffic/routes/split.ts';

/** Options of {@link Bookinfo}. */
export interface BookinfoProps {
  /** The images' tag. @default the catalog's */
  readonly version?: string;
  /** Where the images `examples-bookinfo-NAME` are pulled from, e.g. 'docker.io/istio' for tags up to Istio 1.29. @default Istio's hub */
  readonly hub?: string;
  /**
   * The share of requests that each version of reviews gets, in whole percent, 100 together; a version left out gets none.
   * @default no rule: the Service spreads requests evenly over all pods
   */
  readonly reviews?: { readonly v1?: number; readonly v2?: number; readonly v3?: number };
  /**
   * Annotations of the pods of an app, in all its versions: how an operator is told to instrument them,
   * `{ reviews: instrumentation.annotations('java') }`.
   *
   * @default none
   */
  readonly podAnnotations?: { readonly [app in BookinfoAppName]?: Readonly<Record<string, string>> };
}

/** The apps of Bookinfo: productpage is in Python, details in Ruby, reviews in Java, ratings in JavaScript. */
export type BookinfoAppName = 'productpage' | 'details' | 'reviews' | 'ratings';

/** One app of Bookinfo, with each of its versions by name: `bookinfo.reviews.v2`. */
export type BookinfoApp<V extends string> = VersionedApp<V> & { readonly [version in V]: WorkloadVersion };

const port = 9080;

/**
 * Istio's demo shop (samples/bookinfo): productpage asks details and reviews, reviews v2 and v3 ask ratings.
 *
 * Four Services, six Deployments, four ServiceAccounts `bookinfo-NAME`, and DestinationRules with a subset for each version. Its
 * Services have fixed names: one Bookinfo a namespace.
 */
export class Bookinfo extends Construct implements Published {
  readonly details: BookinfoApp<'v1'>;
  readonly ratings: BookinfoApp<'v1'>;
  readonly reviews: BookinfoApp<'v1' | 'v2' | 'v3'>;
  readonly productpage: BookinfoApp<'v1'>;
  readonly page: Page;
  /** Who calls whom: what a default-deny must allow. */
  readonly calls: readonly Call[];
  private readonly imageOf: (name: string) => string;
  private readonly podAnnotations: NonNullable<BookinfoProps['podAnnotations']>;

  /** @throws UserError when the shares of reviews are not whole percents that make 100 */
  constructor(scope: Construct, id: string, props: BookinfoProps = {}) {
    super(scope, id);
    const { version = versions.bookinfo, hub = istioHub, reviews, podAnnotations = {} } = props;
    this.podAnnotations = podAnnotations;
    this.imageOf = (name) => `${hub}/examples-bookinfo-${name}:${version}`;

    this.details = this.app('details', ['v1'], () => ({
      // Not tried with a read-only root: upstream's own manifests leave it writable.
      rootFilesystem: 'writable',
    }));
    this.ratings = this.app('ratings', ['v1'], () => ({}));
    this.reviews = this.app('reviews', ['v1', 'v2', 'v3'], (subset) => ({
      env: { LOG_DIR: '/tmp/logs', ...(subset === 'v1' ? {} : { RATINGS_HOSTNAME: hostOf(this.ratings) }) },
      mounts: [
        { at: '/tmp', scratch: 'disk' },
        { at: '/opt/ibm/wlp/output', scratch: 'disk' },
      ],
      // Liberty writes key stores and caches beside its configuration; its files are open to group 0 only.
      rootFilesystem: 'writable',
      group: 0,
      resources: { cpu: '10m', memory: '256Mi' },
    }));
    this.productpage = this.app('productpage', ['v1'], () => ({
      // As the apps would guess: said, so that whoever reads the manifests sees who calls whom.
      env: { DETAILS_HOSTNAME: hostOf(this.details), REVIEWS_HOSTNAME: hostOf(this.reviews) },
      mounts: [{ at: '/tmp', scratch: 'disk' }],
      // Not tried with a read-only root: upstream's own manifests leave it writable.
      rootFilesystem: 'writable',
      resources: { cpu: '10m', memory: '128Mi' },
      podAnnotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(port), 'prometheus.io/path': '/metrics' },
    }));
    if (reviews) this.splitReviews(reviews);
    this.calls = [
      { from: this.productpage, to: this.details },
      { from: this.productpage, to: this.reviews },
      { from: this.reviews, to: this.ratings },
    ];

    this.page = {
      name: 'bookinfo',
      endpoint: this.productpage.service.endpoint('http', 'http'),
      path: '/productpage',
      routes: [
        { exact: '/productpage' },
        { prefix: '/static' },
        { exact: '/login' },
        { exact: '/logout' },
        { prefix: '/api/v1/products' },
      ],
      sidecar: 'by-namespace',
    };
  }

  private app<V extends string>(
    name: BookinfoAppName,
    subsets: readonly V[],
    podOf: (subset: V) => Pick<PodProps, 'env' | 'mounts' | 'group' | 'rootFilesystem' | 'resources' | 'podAnnotations'>,
  ): BookinfoApp<V> {
    const app = new VersionedApp<V>(this, name, {
      name,
      ports: [{ name: 'http', port, appProtocol: 'http' }],
      serviceAccount: `bookinfo-${name}`,
      serviceLabels: { service: name },
      // Object.fromEntries forgets the keys' type.
      versions: Object.fromEntries(
        subsets.map((version): [V, PodProps] => {
          const pod = podOf(version);
          return [
            version,
            {
              image: this.imageOf(`${name}-${version}`),
              user: 1000,
              ports: [{ name: 'http', port }],
              // No liveness probe: on a busy laptop Liberty takes minutes to start, and a restart would begin again.
              readiness: { get: '/health', port, period: 5 },
              ...pod,
              podAnnotations: { ...pod.podAnnotations, ...this.podAnnotations[name] },
            },
          ];
        }),
      ) as { readonly [version in V]: PodProps },
    });
    new TrafficPolicy(app, 'destination-rule', { of: app });
    return Object.assign(app, app.versions);
  }

  private splitReviews(shares: NonNullable<BookinfoProps['reviews']>): void {
    const given = Object.entries(shares);
    const total = given.reduce((sum, [, percent]) => sum + percent, 0);
    if (total !== 100 || given.some(([, percent]) => !Number.isInteger(percent) || percent < 0)) {
      const list = given.map(([version, percent]) => `${version}: ${percent}`).join(', ');
      throw new UserError(
        `reviews of '${this.node.path}' are { ${list} }: allowed are whole percents from 0 to 100 that make 100 together`,
      );
    }
    const { v1, v2, v3 } = this.reviews;
    const to = split([v1, shares.v1 ?? 0], [v2, shares.v2 ?? 0], [v3, shares.v3 ?? 0]);
    new HttpRoutes(this, 'split-reviews', { of: this.reviews, rules: [{ to }] });
  }
}

function hostOf({ service }: Pick<VersionedApp<string>, 'service'>): string {
  return service.endpoint('http', 'http').host;
}
