import { eachObject } from '../../each-object.ts';
import { at, strings } from '../../json-path.ts';
import { labelText, selects, templateOf } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';

const SELECTING = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

export const selector: Rule = {
  code: 'OBJ010',
  title: 'a workload does not select its own pods',
  severity: 'error',
  run: eachObject((object) => {
    const template = templateOf(object);
    if (!template || object.group !== 'apps' || !SELECTING.has(object.kind)) return [];
    const path = ['spec', 'selector', 'matchLabels'];
    const wanted = strings(object.json, ...path);
    const labels = strings(object.json, ...template, 'metadata', 'labels');
    if (at(object.json, ...path) === undefined || selects(wanted, labels)) return [];
    return [
      {
        at: spotOf(object, path),
        message: `selector ${labelText(wanted)} does not match the labels of the pod template (${labelText(labels) || 'none'})`,
        hint: 'put the selector’s labels on spec.template.metadata.labels',
      },
    ];
  }),
  docs: {
    cause: 'spec.selector and spec.template.metadata.labels disagree: the API server refuses the object.',
    fix: 'Use the same labels in both.',
    example: 'spec:\n  selector: {matchLabels: {app: reviews}}\n  template:\n    metadata: {labels: {app: review}}',
  },
};
