import { defaultConfigShare, istiodShares } from '../../model/mesh/shares.ts';
import type { Share } from '../../model/mesh/telemetry.ts';
import type { Model } from '../../model/model.ts';
import type { TracePath } from '../../model/spans/hops.ts';
import type { Fault } from '../../types.ts';
import { meshWide, reportingEntries, tracesAtAll } from '../sampling/scopes.ts';
import { anySampling } from '../sampling/tail.ts';
import { inProduction } from './in-production.ts';

/** From here on, most of what is traced is never looked at. */
const MUCH = 50;

export const headSampling = inProduction({
  code: 'PRD002',
  title: 'most requests of the mesh leave a trace, and no collector chooses among them',
  severity: 'error',
  run: (model) => {
    const share = shareInForce(model);
    // More than all is no share: OBJ005 or TRC084 tells of it.
    if (!share || share.percent < MUCH || share.percent > 100 || hasOwnSampler(model)) return [];
    const paths = model.hops.paths();
    if (paths.some(isThinned)) return [];
    const seen = paths.length > 0 && paths.every(({ end }) => end !== 'outside');
    const fault: Fault = {
      at: share.at,
      message: `${share.percent} percent of all requests leave a trace, and ${seen ? 'no collector on the way chooses among them' : 'no tail sampling is to be seen on the way'}`,
      hint: `sample a few percent at the head, or put a collector with tail_sampling in front of the backend`,
    };
    return [seen ? fault : { ...fault, severity: 'warning' }];
  },
  docs: {
    cause: `A mesh-wide share of ${MUCH} percent or more, right in a lab, costs every proxy and the backend in production, and most of it is never looked at. With tail sampling in a collector on the way it is the way to keep errors and slow requests. Where the way leaves the input it is only a warning.`,
    fix: 'Lower the share for the mesh and raise it for the namespace that is looked into, or choose at the tail.',
    example:
      'kind: Telemetry\nmetadata: {namespace: istio-system}\nspec: {tracing: [{providers: [{name: otel}], randomSamplingPercentage: 100}]}',
  },
});

function shareInForce(model: Model): Share | undefined {
  const entries = reportingEntries(meshWide(model));
  const stated = entries.findLast(({ share }) => share !== undefined)?.share;
  if (stated) return stated;
  if (!tracesAtAll(model)) return undefined;
  return (
    model.meshConfigs.flatMap((mesh) => defaultConfigShare(mesh) ?? []).find(({ percent }) => percent !== 0) ??
    istiodShares(model)[0]
  );
}

function hasOwnSampler(model: Model): boolean {
  return model.meshConfigs.some(({ providers }) => providers.some(({ settings }) => settings.dynatraceSampler !== undefined));
}

function isThinned({ hops }: TracePath): boolean {
  return hops.some(({ program }) => program?.pipelines !== undefined && anySampling(program.pipelines) !== undefined);
}
