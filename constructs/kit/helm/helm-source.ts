import type { IConstruct } from 'constructs';
import {
  HelmRepository,
  OciRepository,
  OciRepositorySpecLayerSelectorOperation,
} from '../../../imports/source.toolkit.fluxcd.io.ts';
import { namespaceOf } from '../layer.ts';
import { stackOf } from '../stack-of.ts';
import type { HelmChart } from './charts.ts';

/** A Flux source of charts that stands already: of kind HelmRepository (with the chart's name as `chart`) or OCIRepository. */
export interface ExistingChartSource {
  /** An OCIRepository is the chart itself, of the version that it says; a HelmRepository has many. */
  readonly kind: 'HelmRepository' | 'OCIRepository';
  /** The object's name. */
  readonly name: string;
  /** @default the release's own namespace */
  readonly namespace?: string;
}

/** HelmRepositories of each stack, by namespace and name: releases from one repository share it. */
const repositoriesOf = new WeakMap<IConstruct, Set<string>>();

/**
 * The Flux source of a release's chart, made beside it: a HelmRepository once in each namespace of a stack, an OCIRepository for each release.
 *
 * @internal
 */
export function helmSource(scope: IConstruct, id: string, release: string, { source, version }: HelmChart): ExistingChartSource {
  const namespace = namespaceOf(scope);
  if (source.oci !== undefined) {
    new OciRepository(scope, id, {
      metadata: { name: release, namespace },
      spec: {
        url: source.oci,
        interval,
        // A tag cannot hold the + of a semantic version (Helm, OCI registries).
        ref: { tag: version.replaceAll('+', '_') },
        // Without it Flux would unpack the chart's archive (source-controller 1.9, OCIRepository layerSelector).
        layerSelector: {
          mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
          operation: OciRepositorySpecLayerSelectorOperation.COPY,
        },
      },
    });
    return { kind: 'OCIRepository', name: release };
  }
  const stack = stackOf(scope);
  const made = repositoriesOf.get(stack) ?? new Set();
  repositoriesOf.set(stack, made);
  const key = `${namespace}/${source.name}`;
  if (!made.has(key)) {
    made.add(key);
    new HelmRepository(scope, id, { metadata: { name: source.name, namespace }, spec: { url: source.repository, interval } });
  }
  return { kind: 'HelmRepository', name: source.name };
}

/** How often Flux looks for a new index: charts are pinned, so seldom. */
const interval = '1h';
