import { text } from '../../json-path.ts';
import { defaultConfigShare, istiodShares } from '../../model/mesh/shares.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { meshWide, reportingEntries, tracesAtAll } from './scopes.ts';
import { tailSampling } from './tail.ts';

export const tailAfterHead: Rule = {
  code: 'TRC088',
  title: 'tail sampling of what the head lets through',
  severity: 'info',
  run: (model) => {
    const tails = model.programs.pipelines.flatMap((one) => tailSampling(one) ?? []);
    if (tails.length === 0 || model.meshConfigs.length === 0 || !tracesAtAll(model)) return [];
    const stated =
      reportingEntries(meshWide(model)).findLast(({ share }) => share)?.share ??
      model.meshConfigs.flatMap((mesh) => defaultConfigShare(mesh) ?? []).find(({ percent }) => percent !== 0) ??
      istiodShares(model)[0];
    const isDemo = model.objects.some(({ kind, json }) => kind === 'IstioOperator' && text(json, 'spec', 'profile') === 'demo');
    const percent = stated?.percent ?? (isDemo ? 100 : 1);
    if (percent >= 100) return [];
    return tails.map(
      (at): Fault => ({
        at,
        message: `chooses among ${percent} percent of the traces: the proxies begin no others (${stated ? stated.at.object.id : "Istio's default"})`,
        hint: 'raise the share at the head, up to 100, if errors and slow requests are to be found by the tail',
      }),
    );
  },
  docs: {
    cause:
      'A collector’s tail sampling sees only traces that the proxies began. With 1 percent at the head, 99 of 100 errors never reach its policies. Right when the tail is to cut down further; a trap when it is to find what is rare.',
    fix: 'Raise the head’s share (a Telemetry’s `randomSamplingPercentage`), or accept it.',
    example:
      'processors:\n  tail_sampling: {policies: [{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}]}   # and the mesh samples 1 percent',
  },
};
