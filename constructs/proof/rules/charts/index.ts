import type { Rule } from '../../rule.ts';
import { unknownValue } from './hlm001-unknown-value.ts';
import { goneValue } from './hlm002-gone-value.ts';
import { istioVersions } from './hlm003-istio-versions.ts';
import { gatewayOrder } from './hlm004-gateway-order.ts';
import { webhookCertificate } from './hlm005-webhook-certificate.ts';
import { floatingVersion } from './hlm006-floating-version.ts';
import { existingSecret } from './hlm007-existing-secret.ts';
import { ambientParts } from './hlm008-ambient-parts.ts';
import { noCrds } from './hlm009-no-crds.ts';

/** The values of Helm charts. */
export const chartsRules: readonly Rule[] = [
  unknownValue,
  goneValue,
  istioVersions,
  gatewayOrder,
  webhookCertificate,
  floatingVersion,
  existingSecret,
  ambientParts,
  noCrds,
];
