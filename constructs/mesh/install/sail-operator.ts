import { Construct } from 'constructs';
import { releaseOptions } from '../../kit/helm/release-options.ts';
import { HelmRelease, type ReleaseOptions } from '../../kit/index.ts';
import { type PodResources, resourceValues } from '../../kit/quantity.ts';

/** Options of a {@link SailOperator}. */
export interface SailOperatorProps extends ReleaseOptions {
  /** Version of the chart and the operator; it installs Istio up to the same version. @default the catalog's */
  readonly version?: string;
  /** What it writes to its log. @default 'info' */
  readonly logLevel?: 'debug' | 'info' | 'error';
  /** What its pod asks for. @default the chart's: 10m CPU and 64Mi, at most 1Gi */
  readonly resources?: PodResources;
}

/**
 * The Sail operator by its Helm chart, in a namespace of its own (`sail-operator` by custom). It brings its own CRDs and Istio's; the
 * layer with `install: { by: 'sail', in: layer }` comes after this one.
 */
export class SailOperator extends Construct {
  /** For a release that comes after this one. */
  readonly release: HelmRelease;

  /** @throws UserError when the version is no semantic version, or more memory is requested than the limit allows */
  constructor(scope: Construct, id: string, props: SailOperatorProps = {}) {
    super(scope, id);
    const { logLevel, resources } = props;
    this.release = new HelmRelease(this, 'release', {
      chart: 'sail-operator',
      name: id,
      ...releaseOptions(props),
      values: {
        ...(logLevel ? { operatorLogLevel: logLevel } : {}),
        ...(resources ? { operator: { resources: resourceValues(resources, this.node.path, '1Gi') } } : {}),
      },
    });
  }
}
