import { at, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type Spot, spotOf } from '../../types.ts';
import { allContainers } from '../production/containers.ts';
import { isForLab } from './lab.ts';

export const anonymousAdmin: Rule = {
  code: 'SEC009',
  title: 'a Grafana in which anybody is Admin',
  severity: 'warning',
  run: (model) =>
    model.world.purpose === 'production' || isForLab(model) ? [] : [...pods(model), ...settings(model)].map(fault),
  docs: {
    cause:
      'Visitors are let in without a login, as Admin: whoever reaches the page may change data sources and read what lies behind them. In production any access without a login is an error (PRD003); where nobody says what the input is for, this is a warning; a lab may do it (`check --purpose lab`).',
    fix: 'Let visitors be Viewer, or switch anonymous access off.',
    example: "env:\n- {name: GF_AUTH_ANONYMOUS_ENABLED, value: 'true'}\n- {name: GF_AUTH_ANONYMOUS_ORG_ROLE, value: Admin}",
  },
};

function fault(at: Spot): Fault {
  const hint = 'let visitors be Viewer, or switch anonymous access off; for a lab say --purpose lab';
  return { at, message: 'anybody who reaches Grafana is Admin', hint, cause: `anonymous admin ${at.object.id}` };
}

function pods(model: Model): Spot[] {
  return allContainers(model).flatMap(({ env }) => {
    const role = env.get('GF_AUTH_ANONYMOUS_ORG_ROLE');
    return env.get('GF_AUTH_ANONYMOUS_ENABLED')?.value === 'true' && role?.value === 'Admin' ? [role.at] : [];
  });
}

function settings(model: Model): Spot[] {
  const releases = chartReleases(model.objects).flatMap(({ object }) =>
    [['grafana.ini'], ['grafana', 'grafana.ini']].map((path): [typeof object, Path] => [object, ['spec', 'values', ...path]]),
  );
  const resources = model.kind('Grafana').map((object): [typeof object, Path] => [object, ['spec', 'config']]);
  return [...releases, ...resources].flatMap(([object, path]) => {
    const place = [...path, 'auth.anonymous'];
    const open = [true, 'true'].some((on) => at(object.json, ...place, 'enabled') === on);
    return open && text(object.json, ...place, 'org_role') === 'Admin' ? [spotOf(object, [...place, 'org_role'])] : [];
  });
}
