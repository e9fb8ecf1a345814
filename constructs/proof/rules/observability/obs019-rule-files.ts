import { posix } from 'node:path';
import { isObject } from '../../../kit/json.ts';
import { rememberText } from '../../../kit/remember.ts';
import { items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { fileSystem } from '../../model/pages/grafana-pods.ts';
import type { Prometheus } from '../../model/pages/prometheus.ts';
import { containersOf, optionValues } from '../../model/spans/containers.ts';
import { isFault, parseYaml } from '../../read/yaml.ts';
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

function faultsOf(model: Model, { workload, config }: Prometheus): Fault[] {
  if (!workload || !config) return [];
  const container = containersOf(workload).find(({ image }) => /(^|\/)prometheus$/.test(image?.repository ?? ''));
  if (!container) return [];
  const { mounts, files } = fileSystem(model, workload, (json) => /(^|\/)prometheus([:@]|$)/.test(text(json, 'image') ?? ''));
  const folder = posix.dirname(optionValues(container.args, 'config.file')[0] ?? '/etc/prometheus/prometheus.yml');
  const patterns = items(config.value, 'rule_files').flatMap((one, i) =>
    typeof one === 'string' && !/[${]/.test(one)
      ? [{ pattern: posix.resolve(folder, one), stated: one, at: config.spot(['rule_files', i]) }]
      : [],
  );
  const read = patterns.map((one) => ({ ...one, matches: globOf(one.pattern) }));
  const lost = files.filter(
    (one) => hasRules(text(one.object.json, 'data', one.key) ?? '') && !read.some(({ matches }) => matches(one.path)),
  );
  const open = (path: string) => mounts.some((one) => one.open && (path === one.path || path.startsWith(`${one.path}/`)));
  const dead = read.filter(({ matches, pattern }) => !open(pattern) && !files.some(({ path }) => matches(path)));
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

/** Go's filepath.Match, whose wildcards stay within one step of a path. */
function globOf(pattern: string): (path: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  try {
    const regex = new RegExp(`^${source}$`);
    return (path) => regex.test(path);
  } catch {
    return () => true;
  }
}

const hasRules = rememberText((source): boolean => {
  if (!source.includes('groups') || !source.includes('rules')) return false;
  const parsed = parseYaml(source);
  const value = isFault(parsed) ? undefined : parsed[0]?.value;
  return (
    isObject(value) &&
    items(value, 'groups').some((group) => items(group, 'rules').some((one) => text(one, 'expr') !== undefined))
  );
});
