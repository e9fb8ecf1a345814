import { fields } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { type Fault, spotOf } from '../../types.ts';
import { isLiteral } from '../secrets/literals.ts';
import { allContainers } from './containers.ts';
import { inProduction } from './in-production.ts';

export const plainPassword = inProduction({
  code: 'PRD007',
  title: 'a password in plain sight',
  severity: 'error',
  run: (model) => [
    ...allContainers(model).flatMap(({ env }) =>
      [...env].flatMap(([name, { value, at }]): Fault[] =>
        value !== undefined && isPassword(name, value)
          ? [
              {
                at,
                message: `variable ${name} holds a password in plain text`,
                hint: 'take it from a Secret: valueFrom: {secretKeyRef: {name, key}}',
              },
            ]
          : [],
      ),
    ),
    ...passwordKeys(model),
  ],
  docs: {
    cause:
      'An environment variable, or a key of a ConfigMap, whose name ends in PASSWORD or PASSWD states its value: whoever may read the object, or the repository, has it. Grafana’s sample addon ships admin/admin.',
    fix: 'Take the value from a Secret with `secretKeyRef`.',
    example: 'env:\n- {name: GF_SECURITY_ADMIN_PASSWORD, value: admin}',
  },
});

/** Keys of ConfigMaps, which containers get as variables (`envFrom`). */
export function passwordKeys(model: Model): Fault[] {
  return model.kind('ConfigMap').flatMap((object) =>
    Object.entries(fields(object.json, 'data')).flatMap(([key, value]): Fault[] =>
      typeof value === 'string' && isPassword(key, value) && isLiteral(value)
        ? [
            {
              at: spotOf(object, ['data', key]),
              message: `key ${key} holds a password in plain text`,
              hint: 'keep it in a Secret, which envFrom reads as well: {secretRef: {name}}',
              cause: `password of ${object.id} ${object.origin.file ?? ''}`,
            },
          ]
        : [],
    ),
  );
}

/** Switches such as MYSQL_ALLOW_EMPTY_PASSWORD, references to other variables and to files are no passwords. */
export function isPassword(name: string, value: string): boolean {
  return (
    /(^|_)(PASSWORD|PASSWD)$/i.test(name) &&
    !/(ALLOW_EMPTY|RANDOM|DISABLE|ENABLE|USE|NO)_/i.test(name) &&
    !/^(|\$.*|\/.*|yes|no|true|false|[01])$/i.test(value)
  );
}
