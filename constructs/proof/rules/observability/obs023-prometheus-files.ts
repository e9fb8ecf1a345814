import { isObject, type Json } from '../../../kit/json.ts';
import { nearest } from '../../../kit/nearest.ts';
import { fields, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Prometheus } from '../../model/pages/prometheus.ts';
import { readRuleFiles } from '../../model/pages/rule-files.ts';
import { isFault, readYaml } from '../../read/yaml.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, fieldName, type Path, type Spot, spotOf } from '../../types.ts';

export const prometheusFiles: Rule = {
  code: 'OBS023',
  title: 'Prometheus refuses its configuration, or a file of rules',
  severity: 'error',
  run: (model) => model.prometheuses.all.flatMap((one) => [...configFaults(one), ...ruleFaults(model, one)]),
  docs: {
    cause:
      'Prometheus reads its configuration and its files of rules strictly: a key that it does not know (`field scrape_config not found in type config.plain`), a role, an action or a duration that is none, a text that is no YAML. It does not start, or goes on with what it had. Of unknown keys only those are told that nearly are one that it knows.',
    fix: 'Spell it as the hint says. A duration has a unit: `15s`, `2m`, `1d12h`.',
    example: 'groups:\n- name: mesh\n  rules:\n  - {alert: MeshErrors, expr: "up == 0", for: 2 minutes}   # for: 2m',
  },
};

interface Wrong {
  readonly path: Path;
  readonly message: string;
  readonly hint: string;
}

const DURATION = /^(0|(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$/;

function durations(node: Json | undefined, path: Path, keys: readonly string[]): Wrong[] {
  return keys.flatMap((key) => {
    const value = isObject(node) ? node[key] : undefined;
    const stated = typeof value === 'number' ? `${value}` : value;
    if (typeof stated !== 'string' || stated.includes('$') || (stated !== '' && DURATION.test(stated))) return [];
    const unit = /^\s*(\d+)\s*([a-z])?/.exec(stated);
    const hint = unit ? `write ${unit[1]}${unit[2] ?? 's'}` : 'write a number with a unit: 15s';
    return [{ path: [...path, key], message: `${key} is "${stated}", which is no duration`, hint }];
  });
}

function slips(node: Json | undefined, path: Path, known: readonly string[]): Wrong[] {
  const keys = isObject(node) ? Object.keys(node) : [];
  return keys.flatMap((key) => {
    const near = known.includes(key) ? undefined : nearest(key, known);
    if (near === undefined || keys.includes(near)) return [];
    return [{ path: [...path, key], message: `"${key}" is no setting`, hint: `did you mean "${near}"?` }];
  });
}

function word(node: Json | undefined, path: Path, key: string, known: readonly string[]): Wrong[] {
  const value = text(node, key);
  if (value === undefined || value.includes('$') || known.includes(value.toLowerCase())) return [];
  const near = nearest(value, known);
  const hint = near === undefined ? `it is one of ${known.join(', ')}` : `did you mean "${near}"?`;
  return [{ path: [...path, key], message: `${key} "${value}" is none`, hint }];
}

// Prometheus 3.14, configuration reference. Relabeling: `lowercase` and so on; discovery by Kubernetes.
const TOP =
  'global rule_files scrape_configs scrape_config_files alerting remote_write remote_read storage tracing runtime otlp'.split(
    ' ',
  );
const JOB =
  'job_name scrape_interval scrape_timeout scrape_protocols metrics_path honor_labels honor_timestamps scheme params authorization basic_auth oauth2 tls_config static_configs kubernetes_sd_configs dns_sd_configs file_sd_configs http_sd_configs relabel_configs metric_relabel_configs sample_limit label_limit target_limit body_size_limit follow_redirects enable_http2'.split(
    ' ',
  );
const ACTIONS = 'replace keep drop hashmod labelmap labeldrop labelkeep lowercase uppercase keepequal dropequal'.split(' ');
const ROLES = 'node service pod endpoints endpointslice ingress'.split(' ');

function configFaults({ config }: Prometheus): Fault[] {
  if (!config || config.partial) return [];
  const wrong = [
    ...slips(config.value, [], TOP),
    ...durations(fields(config.value, 'global'), ['global'], ['scrape_interval', 'scrape_timeout', 'evaluation_interval']),
    ...items(config.value, 'scrape_configs').flatMap((job, i) => jobFaults(job, ['scrape_configs', i])),
  ];
  return wrong.map(({ path, message, hint }) => ({
    at: config.spot(path),
    message: `Prometheus refuses this: ${message}`,
    hint,
  }));
}

function jobFaults(job: Json, path: Path): Wrong[] {
  return [
    ...slips(job, path, JOB),
    ...durations(job, path, ['scrape_interval', 'scrape_timeout']),
    ...['relabel_configs', 'metric_relabel_configs'].flatMap((key) =>
      items(job, key).flatMap((rule, i) => word(rule, [...path, key, i], 'action', ACTIONS)),
    ),
    ...items(job, 'kubernetes_sd_configs').flatMap((one, i) => word(one, [...path, 'kubernetes_sd_configs', i], 'role', ROLES)),
  ];
}

const GROUP = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules', 'partial_response_strategy'];
const RULE = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

function ruleFaults(model: Model, prometheus: Prometheus): Fault[] {
  const read = readRuleFiles(model, prometheus);
  return (read?.files ?? []).flatMap(({ object, key, isRead }): Fault[] => {
    const source = isRead ? text(object.json, 'data', key) : undefined;
    if (source === undefined) return [];
    const parsed = readYaml(source);
    const spot = (field: string, line: () => number): Spot => ({
      ...spotOf(object, ['data', key]),
      field: `data.${key}${field}`,
      line: () => object.origin.line(['data', key], line()),
    });
    if (isFault(parsed)) {
      const message = `Prometheus refuses this file of rules: ${parsed.message}`;
      return [{ at: spot('', () => parsed.line), message, hint: parsed.hint }];
    }
    const [document] = parsed;
    if (!document) return [];
    return rulesWrong(document.value).map(({ path, message, hint }) => ({
      at: spot(path.length === 0 ? '' : `: ${fieldName(path)}`, () => document.line(path) ?? 1),
      message: `Prometheus refuses this file of rules: ${message}`,
      hint,
    }));
  });
}

function rulesWrong(file: Json): Wrong[] {
  if (!isObject(file)) return [{ path: [], message: 'it is no map with groups', hint: 'write groups: [...]' }];
  return [
    ...slips(file, [], ['groups', 'namespace']),
    ...items(file, 'groups').flatMap((group, i) => {
      const path: Path = ['groups', i];
      return [
        ...slips(group, path, GROUP),
        ...durations(group, path, ['interval', 'query_offset']),
        ...items(group, 'rules').flatMap((rule, j) => [
          ...slips(rule, [...path, 'rules', j], RULE),
          ...durations(rule, [...path, 'rules', j], ['for', 'keep_firing_for']),
        ]),
      ];
    }),
  ];
}
