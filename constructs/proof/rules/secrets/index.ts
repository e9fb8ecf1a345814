import type { Rule } from '../../rule.ts';
import { plainSecret } from './sec001-plain-secret.ts';
import { chartValues } from './sec002-chart-values.ts';
import { configuration } from './sec003-configuration.ts';
import { privateKey } from './sec004-private-key.ts';
import { loginInAddress } from './sec005-login-in-address.ts';
import { plainVariable } from './sec006-plain-variable.ts';
import { floatingTag } from './sec007-floating-tag.ts';
import { decryption } from './sec008-decryption.ts';
import { anonymousAdmin } from './sec009-anonymous-admin.ts';

/** Credentials that everybody can read, and images that change by themselves. */
export const secretsRules: readonly Rule[] = [
  ...[plainSecret, chartValues, configuration, privateKey, loginInAddress, plainVariable],
  ...[floatingTag, decryption, anonymousAdmin],
];
