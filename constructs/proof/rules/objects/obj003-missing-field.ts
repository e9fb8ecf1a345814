import { isObject } from '../../../kit/json.ts';
import { at, text } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import { type ProofObject, spotOf } from '../../types.ts';
import { hasSchema, schemaFaults } from './schema.ts';

export const missingField: Rule = {
  code: 'OBJ003',
  title: 'a field that the kind requires is missing',
  severity: 'error',
  run: (model) => [
    ...schemaFaults(model, 'missing-field'),
    ...model.objects
      .filter(({ version }) => version === '')
      .map((object) => ({ at: spotOf(object, ['apiVersion']), message: 'is missing', hint: 'add it' })),
    ...model.objects
      .filter(lacksName)
      .map((object) => ({ at: spotOf(object, ['metadata', 'name']), message: 'is missing', hint: 'add it' })),
  ],
  docs: {
    cause: 'The schema of the kind requires the field: the API server refuses the object.',
    fix: 'Add the field.',
    example: 'kind: Certificate\nspec: {secretName: tls}   # issuerRef is missing',
  },
};

function lacksName({ json, kind }: ProofObject): boolean {
  const named = text(json, 'metadata', 'generateName') ?? at(json, 'metadata', 'name') ?? '';
  return named === '' && isObject(json.metadata ?? {}) && hasSchema(json.apiVersion, kind);
}
