import type { Rule } from '../../rule.ts';
import { schemaFaults } from './schema.ts';

export const wrongType: Rule = {
  code: 'OBJ004',
  title: 'a value of the wrong type',
  severity: 'error',
  run: (model) => schemaFaults(model, 'wrong-type'),
  docs: {
    cause:
      'A string where a number belongs, a map where a list belongs, and the like: the API server refuses the object. In YAML, yes, on and 1e3 are no strings unless quoted.',
    fix: 'Give a value of the type named; quote what must be a string.',
    example: 'ports:\n- {containerPort: "9080"}   # a number',
  },
};
