import { Construct } from 'constructs';
import { HelmRelease, type ReleaseOptions } from '../kit/index.ts';
import { checkDnsLabel } from '../kit/layer.ts';

/** Options of a {@link KialiOperator}. */
export interface KialiOperatorProps extends ReleaseOptions {
  /** The release's name, after which its Deployment is named. A DNS label, 53 letters at most. @default the construct's id */
  readonly name?: string;
  /** The only namespace whose Kiali objects it minds. @default every namespace */
  readonly watches?: string;
  /**
   * What it may hand on to the Kialis that it makes: to look only, or to change Istio's objects too. An operator cannot give rights that
   * it does not have, so this bounds what a Kiali object may ask for.
   *
   * @default 'view-only'
   */
  readonly rights?: 'view-only' | 'all';
}

/**
 * The operator that makes Kialis from {@link KialiResource}s (chart kiali-operator 2.29), by Flux. It makes none by itself; the resources
 * belong into a later layer.
 */
export class KialiOperator extends Construct {
  /** For a release that comes after this one. */
  readonly release: HelmRelease;
  /** The only namespace whose Kiali objects it minds; undefined for every namespace. */
  readonly watches: string | undefined;
  /** What a Kiali object may ask for at most. */
  readonly rights: 'view-only' | 'all';

  /** @throws UserError when the namespace is no DNS label, or what {@link HelmRelease} says */
  constructor(scope: Construct, id: string, props: KialiOperatorProps = {}) {
    super(scope, id);
    const { watches, rights = 'view-only', name = id, ...release } = props;
    if (watches !== undefined) checkDnsLabel(watches, `namespace that '${this.node.path}' watches`);
    this.watches = watches;
    this.rights = rights;
    this.release = new HelmRelease(this, 'release', {
      ...release,
      name,
      chart: 'kiali-operator',
      values: {
        cr: { create: false },
        onlyViewOnlyMode: rights === 'view-only',
        ...(watches === undefined ? {} : { watchNamespace: watches }),
      },
    });
  }
}
