import { type ApiObject, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import {
  HelmRelease as HelmReleaseObject,
  HelmReleaseSpecChartRefKind,
  HelmReleaseSpecChartSpecSourceRefKind,
  HelmReleaseSpecInstallCrds,
  HelmReleaseSpecInstallStrategyName,
  HelmReleaseSpecUpgradeCrds,
  HelmReleaseSpecUpgradeStrategyName,
} from '../../../imports/helm.toolkit.fluxcd.io.ts';
import { checkDuration } from '../duration.ts';
import { Endpoint } from '../endpoint.ts';
import type { JsonObject } from '../json.ts';
import { checkDnsLabel, namespaceOf } from '../layer.ts';
import { UserError } from '../user-error.ts';
import { type ChartName, charts, type HelmChart } from './charts.ts';
import { type ExistingChartSource, helmSource } from './helm-source.ts';

const retryInterval = '2m';

/** Options of a {@link HelmRelease}. */
export interface HelmReleaseProps {
  /** A chart of the catalog by its name, or one of your own. */
  readonly chart: ChartName | HelmChart;
  /** Semantic version of the chart. @default the catalog's */
  readonly version?: string;
  /** The release's name, after which charts name their objects: a DNS label, 53 letters at most. @default the construct's id */
  readonly name?: string;
  /** What the chart is told; asked for at synth, when it is a function. @default the chart's own defaults */
  readonly values?: JsonObject | (() => JsonObject);
  /** Releases that must be ready first, in whichever layer of the same stack. @default none */
  readonly after?: readonly HelmRelease[];
  /** A Flux source that somebody else keeps. @default one made beside the release, from the catalog's address */
  readonly source?: ExistingChartSource;
  /** How long Helm waits for the release's pods: '10m'. @default '10m' */
  readonly timeout?: string;
}

/**
 * A Helm chart installed by Flux (helm-controller 1.6): one HelmRelease and its source, in the namespace of its layer.
 *
 * Its CRDs are created and kept up to date. A failed install or upgrade is left for you to see and tried again, until it succeeds: what was
 * missing (an image, a Secret, an address) may come later.
 * Custom resources of the chart's CRDs belong into a later layer: Flux checks a layer's objects all at once before it applies them.
 */
export class HelmRelease extends Construct {
  /** The release's name. */
  readonly release: string;
  /** Where the release and its pods stand: that of the layer. */
  readonly namespace: string;
  /** The chart, of the version that is installed. */
  readonly chart: HelmChart;
  /** For JSON patches. */
  readonly object: ApiObject;

  /** @throws UserError when the name is none for a release, the version is no semantic version, or the timeout is no duration */
  constructor(scope: Construct, id: string, props: HelmReleaseProps) {
    super(scope, id);
    const { values, timeout = '10m' } = props;
    const after = [...new Set(props.after)];
    const chart = typeof props.chart === 'string' ? charts[props.chart] : props.chart;
    const version = props.version ?? chart.version;
    this.chart = { ...chart, version };
    this.release = props.name ?? id;
    this.namespace = namespaceOf(this);
    checkDnsLabel(this.release, `release of '${this.node.path}'`);
    // Helm 3: names of releases, longer ones are refused.
    if (this.release.length > 53)
      throw new UserError(`release '${this.release}' of '${this.node.path}' has ${this.release.length} letters: 53 are allowed`);
    checkVersion(version, this.node.path);
    checkDuration(timeout, `timeout of '${this.node.path}'`);
    const source = props.source ?? helmSource(this, 'source', this.release, this.chart);
    this.object = new HelmReleaseObject(this, 'release', {
      metadata: { name: this.release, namespace: this.namespace },
      spec: {
        releaseName: this.release,
        interval: '1h',
        timeout,
        ...(source.kind === 'OCIRepository'
          ? { chartRef: { kind: HelmReleaseSpecChartRefKind.OCI_REPOSITORY, ...at(source) } }
          : {
              chart: {
                spec: {
                  chart: chart.chart,
                  version,
                  sourceRef: { kind: HelmReleaseSpecChartSpecSourceRefKind.HELM_REPOSITORY, ...at(source) },
                },
              },
            }),
        ...(after.length > 0
          ? {
              dependsOn: after.map((one) => ({
                name: one.release,
                ...(one.namespace === this.namespace ? {} : { namespace: one.namespace }),
              })),
            }
          : {}),
        // The other strategy gives up after its last retry, and then waits for somebody to reset it (helm-controller 1.6).
        install: {
          crds: HelmReleaseSpecInstallCrds.CREATE_REPLACE,
          strategy: { name: HelmReleaseSpecInstallStrategyName.RETRY_ON_FAILURE, retryInterval },
        },
        upgrade: {
          crds: HelmReleaseSpecUpgradeCrds.CREATE_REPLACE,
          strategy: { name: HelmReleaseSpecUpgradeStrategyName.RETRY_ON_FAILURE, retryInterval },
        },
        ...(values ? { values: Lazy.any({ produce: () => stated(typeof values === 'function' ? values() : values) }) } : {}),
      },
    });
  }

  /** One port of a Service that the chart makes, in the release's namespace. @param path where its API begins */
  endpoint<P extends string>(service: string, port: number, protocol: P, path?: string): Endpoint<P> {
    return Endpoint.external({
      protocol,
      host: `${service}.${this.namespace}.svc.cluster.local`,
      port,
      ...(path === undefined ? {} : { path }),
    });
  }
}

/** Nothing to say is not said. */
function stated(values: JsonObject): JsonObject | undefined {
  return Object.keys(values).length > 0 ? values : undefined;
}

function at({ name, namespace }: ExistingChartSource) {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function checkVersion(version: string, path: string): void {
  // Semantic Versioning 2.0.0, with the leading v that Helm takes as well.
  if (/^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-.]+)?(\+[0-9A-Za-z-.]+)?$/.test(version)) return;
  throw new UserError(
    `chart version of '${path}' is ${JSON.stringify(version)}: allowed is one semantic version ('1.30.3'), no range, so that the same manifests install the same chart tomorrow`,
  );
}
