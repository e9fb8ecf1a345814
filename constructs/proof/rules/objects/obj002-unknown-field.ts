import type { Rule } from '../../rule.ts';
import { schemaFaults } from './schema.ts';

export const unknownField: Rule = {
  code: 'OBJ002',
  title: 'a field that the kind does not have',
  severity: 'error',
  run: (model) => schemaFaults(model, 'unknown-field'),
  docs: {
    cause:
      'The schema of the kind has no such field: an API server with strict validation refuses the object, and without it drops the field silently. The mesh config of an IstioOperator, a ConfigMap or chart values is checked too; istiod drops unknown fields there and nobody tells.',
    fix: 'Correct the spelling, or move the field to where it belongs.',
    example: 'spec:\n  hots: [reviews]   # hosts',
  },
};
