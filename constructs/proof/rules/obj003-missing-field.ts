import type { Rule } from '../rule.ts';
import { spotOf } from '../types.ts';
import { schemaFaults } from './schema.ts';

export const missingField: Rule = {
  code: 'OBJ003',
  title: 'a field that the kind requires is missing',
  severity: 'error',
  run: (model) => [
    ...schemaFaults(model, 'missing-field'),
    ...model.objects
      .filter((object) => object.name === '' && object.group !== 'install.istio.io')
      .map((object) => ({ at: spotOf(object, ['metadata', 'name']), message: 'is missing', hint: 'add it' })),
  ],
  docs: {
    cause: 'The schema of the kind requires the field: the API server refuses the object.',
    fix: 'Add the field.',
    example: 'kind: Certificate\nspec: {secretName: tls}   # issuerRef is missing',
  },
};
