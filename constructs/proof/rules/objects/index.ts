import type { Rule } from '../../rule.ts';
import { duplicate } from './obj001-duplicate.ts';
import { unknownField } from './obj002-unknown-field.ts';
import { missingField } from './obj003-missing-field.ts';
import { wrongType } from './obj004-wrong-type.ts';
import { notAllowed } from './obj005-not-allowed.ts';
import { name } from './obj006-name.ts';
import { noNamespace } from './obj007-no-namespace.ts';
import { clusterScoped } from './obj008-cluster-scoped.ts';
import { kind } from './obj009-kind.ts';
import { selector } from './obj010-selector.ts';
import { config } from './obj011-config.ts';
import { refused } from './obj012-refused.ts';

/** Objects by themselves. */
export const objectsRules: readonly Rule[] = [
  duplicate,
  unknownField,
  missingField,
  wrongType,
  notAllowed,
  name,
  noNamespace,
  clusterScoped,
  kind,
  selector,
  config,
  refused,
];
