import { toYaml } from '../../constructs/kit/index.ts';
import { alertsOf } from '../../constructs/observability/index.ts';
import { backendCases } from './backends.ts';
import { options, type RuleCase, watched } from './case.ts';
import { collectorCases } from './collector.ts';
import { istiodCases } from './istiod.ts';
import { requestCases } from './requests.ts';
import { serviceCases } from './services.ts';

/** Every alert with what makes it fire, and what must not. */
export const cases: readonly RuleCase[] = [...serviceCases, ...requestCases, ...istiodCases, ...collectorCases, ...backendCases];

/** Which groups of rules the cases of one file are about: promtool evaluates no others for them. */
const files: Readonly<Record<string, { readonly cases: readonly RuleCase[]; readonly groups: RegExp }>> = {
  services: { cases: [...serviceCases, ...requestCases], groups: /^(mesh|traces)/ },
  istiod: { cases: istiodCases, groups: /^(istiod|ztunnel)$/ },
  tracing: { cases: [...collectorCases, ...backendCases], groups: /^(?!mesh|traces|istiod|ztunnel)/ },
};

/** Every group of rules. */
export const groups = alertsOf(watched, options);

/** File name to content, for one folder: `promtool check rules *.rules.yml`, `promtool test rules *.test.yml`. */
export function ruleTestFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, { cases, groups: about }]) => [
      [`${name}.rules.yml`, toYaml({ groups: groups.filter((group) => about.test(group.name)) })],
      [`${name}.test.yml`, toYaml({ rule_files: [`${name}.rules.yml`], evaluation_interval: '1m', tests: cases.map(test) })],
    ]),
  );
}

function test({ alert, when, series, at, fires }: RuleCase) {
  return {
    name: `${alert}: ${when}`,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [
      {
        alertname: alert,
        eval_time: at,
        exp_alerts: fires.map(({ labels, summary, description }) => ({
          exp_labels: { ...labels },
          exp_annotations: { summary, description },
        })),
      },
    ],
  };
}
