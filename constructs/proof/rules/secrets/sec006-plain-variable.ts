import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { allContainers } from '../production/containers.ts';
import { isPassword, passwordKeys } from '../production/prd007-plain-password.ts';
import { isForLab } from './lab.ts';
import { isLiteral } from './literals.ts';

export const plainVariable: Rule = {
  code: 'SEC006',
  title: 'a password in a variable',
  severity: 'warning',
  run: (model) => (model.world.purpose === 'production' || isForLab(model) ? [] : [...faults(model), ...passwordKeys(model)]),
  docs: {
    cause:
      'An environment variable of a container, or a key of a ConfigMap, whose name ends in PASSWORD or PASSWD states its value. In production it is an error (PRD007); where nobody says what the input is for, a warning; a lab may do it.',
    fix: 'Take the value from a Secret with `secretKeyRef`.',
    example: 'env:\n- {name: MYSQL_ROOT_PASSWORD, value: password}',
  },
};

function faults(model: Model): Fault[] {
  return allContainers(model).flatMap(({ env, workload }) =>
    [...env].flatMap(([name, { value, at }]): Fault[] =>
      value !== undefined && isPassword(name, value) && isLiteral(value)
        ? [
            {
              at,
              message: `variable ${name} holds a password in plain text`,
              hint: 'take it from a Secret: valueFrom: {secretKeyRef: {name, key}}',
              cause: `password of ${workload.object.id} ${workload.object.origin.file ?? ''}`,
            },
          ]
        : [],
    ),
  );
}
