import type { JsonObject } from '../../../kit/json.ts';
import { remember } from '../../../kit/remember.ts';
import { fields, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { isLiteral, literalsIn } from './literals.ts';
import { isEncrypted } from './sec001-plain-secret.ts';

export const configuration: Rule = {
  code: 'SEC003',
  title: 'a credential in a configuration',
  severity: 'error',
  run: (model) => [...configs(model), ...model.kind('ConfigMap').flatMap(inis)],
  docs: {
    cause:
      'A configuration of a collector, Tempo, Jaeger, Prometheus, Grafana or Kiali states a password, a key or an Authorization header, or a grafana.ini `admin_password` and the like. ConfigMaps and custom resources are read by many, and so is the repository.',
    fix:
      'Take it from the environment (`$' +
      '{env:TOKEN}` in a collector, `$__file{...}` in Grafana, `password_file` in Prometheus, `secret:NAME:KEY` in Kiali), with a Secret behind it.',
    example: 'exporters:\n  otlp_http: {endpoint: https://traces.site.example, headers: {authorization: Bearer s3cret}}',
  },
};

function configs(model: Model): Fault[] {
  return model.configs
    .filter(({ kind, object }) => kind !== 'mesh' && object.kind !== 'HelmRelease' && !isEncrypted(object))
    .flatMap(({ value, object, spot }) =>
      stated(value).map(({ path, key }) => ({
        at: spot(path),
        message: `states ${key} in plain text`,
        hint: 'take it from a Secret, by the environment or a file',
        cause: `credential in ${object.id} ${object.origin.file ?? ''} ${path.join('.')}`,
      })),
    );
}

const stated = remember((value: JsonObject) =>
  // Nobody logs in to Kiali without a login, and its samples state a key all the same.
  literalsIn(text(value, 'auth', 'strategy') === 'anonymous' ? { ...value, login_token: {} } : value),
);

const INI_LINE = /^([\w.]*(?:password|client_secret|secret_key|access_token))\s*=\s*(.*)$/;

const inis = remember((object: ProofObject): readonly Fault[] => {
  if (isEncrypted(object)) return [];
  return Object.entries(fields(object.json, 'data')).flatMap(([file, value]) => {
    if (typeof value !== 'string' || !file.endsWith('.ini')) return [];
    return value.split('\n').flatMap((line, i): Fault[] => {
      const [, key, stated] = INI_LINE.exec(line.trim()) ?? [];
      if (key === undefined || stated === undefined || !isLiteral(stated.replace(/^"+|"+$/g, ''))) return [];
      return [
        {
          at: { ...spotOf(object, ['data', file]), line: () => object.origin.line(['data', file], i + 1) },
          message: `states ${key} in plain text`,
          hint: 'take it from a Secret: $__file{/etc/secrets/...}, or a variable of the environment',
          cause: `credential in ${object.id} ${object.origin.file ?? ''} ${file} ${key}`,
        },
      ];
    });
  });
});
