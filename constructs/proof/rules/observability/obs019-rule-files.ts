import { isObject } from '../../../kit/json.ts';
import { rememberText } from '../../../kit/remember.ts';
import { items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Prometheus } from '../../model/pages/prometheus.ts';
import { readRuleFiles } from '../../model/pages/rule-files.ts';
import { isFault, readYaml } from '../../read/yaml.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';

export const ruleFiles: Rule = {
  code: 'OBS019',
  title: 'rule files that Prometheus does not read',
  severity: 'warning',
  run: (model) => model.prometheuses.all.flatMap((one) => faultsOf(model, one)),
  docs: {
    cause:
      'An entry of `rule_files` matches no file of the pod, or a file with rules lies in the pod and no entry matches it. Prometheus takes both for granted: it starts, and evaluates none of these rules.',
    fix: 'Name the file as it is mounted; an entry is a path, with wildcards in its last step, from the folder of the configuration.',
    example: 'rule_files: [/etc/config/rules/*.yaml]   # the ConfigMap has the key mesh.rules.yml',
  },
};

function faultsOf(model: Model, prometheus: Prometheus): Fault[] {
  const { workload, config } = prometheus;
  const found = readRuleFiles(model, prometheus);
  if (!found || !workload || !config) return [];
  const { mounts, files, patterns } = found;
  const lost = files.filter((one) => !one.isRead && hasRules(text(one.object.json, 'data', one.key) ?? ''));
  const open = (path: string) => mounts.some((one) => one.open && (path === one.path || path.startsWith(`${one.path}/`)));
  const dead = patterns.filter(({ matches, pattern }) => !open(pattern) && !files.some(({ path }) => matches(path)));
  const [first] = lost;
  // A pattern for rules that may come is no fault by itself.
  const faults = dead
    .filter(({ pattern }) => first !== undefined || !/[*?[]/.test(pattern))
    .map(
      ({ stated, at }): Fault => ({
        at,
        message: `rule_files names ${stated}, but no file of the pod matches it`,
        hint: first ? `rules lie at ${first.path}` : 'mount the file there, or drop the entry',
      }),
    );
  if (faults.length > 0) return faults;
  return lost.map((one) => ({
    at: spotOf(one.object, ['data', one.key]),
    message: `rules lie in the pod of ${workload.object.id} at ${one.path}, but no entry of rule_files matches it`,
    hint: `add ${one.path} to rule_files of ${config.object.id}`,
  }));
}

const hasRules = rememberText((source): boolean => {
  if (!source.includes('groups') || !source.includes('rules')) return false;
  const parsed = readYaml(source);
  const value = isFault(parsed) ? undefined : parsed[0]?.value;
  return (
    isObject(value) &&
    items(value, 'groups').some((group) => items(group, 'rules').some((one) => text(one, 'expr') !== undefined))
  );
});
