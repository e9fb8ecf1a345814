import { posix } from 'node:path';
import { items, text } from '../../json-path.ts';
import type { Spot } from '../../types.ts';
import type { Model } from '../model.ts';
import { containersOf, optionValues } from '../spans/containers.ts';
import { fileSystem, type PodFile, type PodMount } from './grafana-pods.ts';
import type { Prometheus } from './prometheus.ts';

/** What a Prometheus of plain pods finds in its file system, and which of it are rules by its configuration. */
export interface RuleFiles {
  readonly mounts: readonly PodMount[];
  /** Every file out of a ConfigMap; `isRead` where an entry of `rule_files` matches it. */
  readonly files: readonly (PodFile & { readonly isRead: boolean })[];
  /** The entries of `rule_files`, from the folder of the configuration. */
  readonly patterns: readonly RulePattern[];
}

interface RulePattern {
  readonly pattern: string;
  readonly stated: string;
  readonly at: Spot;
  matches(path: string): boolean;
}

/** Undefined for a Prometheus that the input shows no pods or no configuration of. */
export function readRuleFiles(model: Model, { workload, config }: Prometheus): RuleFiles | undefined {
  if (!workload || !config) return undefined;
  const container = containersOf(workload).find(({ image }) => /(^|\/)prometheus$/.test(image?.repository ?? ''));
  if (!container) return undefined;
  const { mounts, files } = fileSystem(model, workload, (json) => /(^|\/)prometheus([:@]|$)/.test(text(json, 'image') ?? ''));
  const folder = posix.dirname(optionValues(container.args, 'config.file')[0] ?? '/etc/prometheus/prometheus.yml');
  const patterns = items(config.value, 'rule_files').flatMap((one, i) => {
    if (typeof one !== 'string' || /[${]/.test(one)) return [];
    const pattern = posix.resolve(folder, one);
    return [{ pattern, stated: one, at: config.spot(['rule_files', i]), matches: globOf(pattern) }];
  });
  const isRead = (path: string) => patterns.some(({ matches }) => matches(path));
  return { mounts, files: files.map((one) => ({ ...one, isRead: isRead(one.path) })), patterns };
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
