import type { Rule } from '../../rule.ts';
import { poolReference } from './exp001-pool-reference.ts';
import { poolAddresses } from './exp002-pool-addresses.ts';
import { poolOverlap } from './exp003-pool-overlap.ts';
import { addressOutside } from './exp004-address-outside.ts';
import { addressTwice } from './exp005-address-twice.ts';
import { poolTooSmall } from './exp006-pool-too-small.ts';
import { addressInUse } from './exp007-address-in-use.ts';
import { notAnnounced } from './exp008-not-announced.ts';
import { oldAnnotation } from './exp009-old-annotation.ts';
import { speakerRefused } from './exp010-speaker-refused.ts';
import { nodePort } from './exp011-node-port.ts';
import { noClass } from './exp012-no-class.ts';
import { unknownClass } from './exp013-unknown-class.ts';
import { retiredController } from './exp014-retired-controller.ts';
import { ingressTwins } from './exp015-ingress-twins.ts';
import { hostClash } from './exp016-host-clash.ts';
import { tlsSecret } from './exp017-tls-secret.ts';
import { certificateNames } from './exp018-certificate-names.ts';
import { issuer } from './exp019-issuer.ts';
import { secretTwins } from './exp020-secret-twins.ts';
import { http01Wildcard } from './exp021-http01-wildcard.ts';
import { strictMesh } from './exp022-strict-mesh.ts';
import { webhook } from './exp023-webhook.ts';

/** Ways in: addresses, ports, Ingresses, certificates. */
export const exposureRules: readonly Rule[] = [
  ...[poolReference, poolAddresses, poolOverlap, addressOutside, addressTwice, poolTooSmall, addressInUse, notAnnounced],
  ...[oldAnnotation, speakerRefused, nodePort],
  ...[noClass, unknownClass, retiredController, ingressTwins, hostClash],
  ...[tlsSecret, certificateNames, issuer, secretTwins, http01Wildcard],
  ...[strictMesh, webhook],
];
