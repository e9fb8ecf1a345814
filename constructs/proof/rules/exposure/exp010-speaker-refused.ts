import { strings } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';
import { allContainers } from '../production/containers.ts';

const LABEL = 'pod-security.kubernetes.io/enforce';

export const speakerRefused: Rule = {
  code: 'EXP010',
  title: 'MetalLB’s namespace refuses its speakers',
  severity: 'error',
  run: (model) => {
    const strict = model.kind('Namespace').flatMap((object) => {
      const level = strings(object.json, 'metadata', 'labels').get(LABEL);
      return level === 'baseline' || level === 'restricted' ? [{ object, level }] : [];
    });
    if (strict.length === 0) return [];
    const homes = homesOf(model);
    return strict.flatMap(({ object, level }) => {
      if (!homes.has(object.name)) return [];
      return [
        {
          at: spotOf(object, ['metadata', 'labels', LABEL]),
          message: `is ${level}, and MetalLB’s speakers need the host’s network`,
          hint: 'write privileged',
        },
      ];
    });
  },
  docs: {
    cause:
      'The speakers run on the host’s network with NET_RAW. Pod Security of level baseline or restricted refuses such pods: the DaemonSet has none, and no address is announced.',
    fix: 'Label the namespace of MetalLB `pod-security.kubernetes.io/enforce: privileged`.',
    example: 'kind: Namespace\nmetadata: {name: metallb-system, labels: {pod-security.kubernetes.io/enforce: baseline}}',
  },
};

function homesOf(model: Model): ReadonlySet<string> {
  const releases = chartReleases(model.objects).filter(({ chart }) => chart === 'metallb');
  const stated = allContainers(model).filter(({ image }) => /metallb.*speaker/.test(image?.repository ?? ''));
  return new Set([...releases.map(({ namespace }) => namespace), ...stated.map(({ workload }) => workload.namespace)]);
}
