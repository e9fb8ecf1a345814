import { isObject } from '../../../kit/json.ts';
import { eachObject } from '../../each-object.ts';
import { at, fields, strings, text } from '../../json-path.ts';
import { isFault, parseYaml } from '../../read/yaml.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { isLiteral, literalsIn } from './literals.ts';
import { hasLogin } from './logins.ts';

export const plainSecret: Rule = {
  code: 'SEC001',
  title: 'a Secret in plain text',
  severity: 'error',
  run: eachObject((object) => (object.kind === 'Secret' && object.group === '' ? faults(object) : [])),
  docs: {
    cause:
      'The input holds a Secret with its values: whoever may read the repository has them, and base64 is no encryption. Fine are what SOPS has encrypted (`sops`, `ENC[...]`), SealedSecrets, ExternalSecrets, values that Flux or a vault’s plugin fills in, public certificates, configurations without any, and keys that hold none (`url`, `username`).',
    fix: 'Encrypt it with SOPS, take it from a store with External Secrets, or make it by hand and refer to it. Change the credential: it was readable. A Secret with nothing to hide is acknowledged.',
    example: 'kind: Secret\nmetadata: {name: grafana-admin}\nstringData: {admin-password: s3cret}',
  },
};

function faults(object: ProofObject): Fault[] {
  const { json } = object;
  const type = text(json, 'type') ?? '';
  if (isEncrypted(object) || type.startsWith('helm.sh/') || isFilledIn(object)) return [];
  const stated = ['stringData', 'data'].flatMap((section) =>
    Object.entries(fields(json, section)).flatMap(([key, value]) => {
      if (typeof value !== 'string') return [];
      // A variable in the place of base64 is told by its look.
      const plain = section === 'data' && /^[\w+/=\s]*$/.test(value) ? decoded(value) : value;
      return isLiteral(plain) && !isPublic(key, plain) ? [{ section, key }] : [];
    }),
  );
  const [first] = stated;
  if (!first) return [];
  const keys = stated.map(({ key }) => key);
  return [
    {
      at: spotOf(object, [first.section, first.key]),
      message: `holds ${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ` and ${keys.length - 3} more` : ''} in plain text`,
      hint: 'encrypt it with SOPS, take it from a store (ExternalSecret), or make it by hand and refer to it; then change the credential',
      cause: `plain ${object.id} ${object.origin.file ?? ''}`,
    },
  ];
}

/** Whether SOPS has encrypted an object. */
export function isEncrypted({ json }: ProofObject): boolean {
  return isObject(json.sops) && typeof at(json.sops, 'mac') === 'string';
}

/** Whether a plugin of Argo CD or a copier fills it in. */
function isFilledIn({ json }: ProofObject): boolean {
  return [...strings(json, 'metadata', 'annotations').keys()].some((key) =>
    /avp\.kubernetes\.io|replicate-from|reflects$/.test(key),
  );
}

function decoded(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}

// Keys of Flux, Argo CD, databases and stores that hold no credential.
const OPEN_KEY =
  /^(ca\.crt|ca-cert(\.pem)?|tls\.crt|root-cert\.pem|cert-chain\.pem|cacert|known_hosts|identity\.pub|user(name)?|admin-user|.*[-_]user(name)?|email|url|host(name)?|port|type|name|namespace|project|database|dbname|bucket(s|name)?|region|endpoint|server|insecure|enable(Lfs|OCI)|.*\.pub|clusterName)$/i;

function isPublic(key: string, plain: string): boolean {
  // Configurations are kept in Secrets for the programs that read them there, whatever they hold.
  if (/\.ya?ml$/.test(key)) return isHarmless(plain);
  if (OPEN_KEY.test(key)) return !/PRIVATE KEY/.test(plain);
  return /^-----BEGIN (CERTIFICATE|PUBLIC KEY)-----/.test(plain.trim()) && !plain.includes('PRIVATE KEY');
}

function isHarmless(text: string): boolean {
  const parsed = parseYaml(text);
  return (
    !isFault(parsed) &&
    parsed.every(({ value }) => typeof value === 'object' && literalsIn(value).length === 0) &&
    !hasLogin(text)
  );
}
