import type { Rule } from '../../rule.ts';
import { schemaFaults } from './schema.ts';

export const notAllowed: Rule = {
  code: 'OBJ005',
  title: 'a value that is not allowed',
  severity: 'error',
  run: (model) => schemaFaults(model, 'not-allowed'),
  docs: {
    cause:
      'The value has the right type but is not one of those listed, out of bounds, not of the pattern, or stands beside a field that excludes it.',
    fix: 'Use one of the allowed values.',
    example: 'kind: PeerAuthentication\nspec: {mtls: {mode: STRIKT}}   # STRICT, PERMISSIVE, DISABLE or UNSET',
  },
};
