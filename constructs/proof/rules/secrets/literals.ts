import { isObject, type Json } from '../../../kit/json.ts';
import type { Path } from '../../types.ts';

/** A credential that stands in plain text. */
export interface Literal {
  readonly path: Path;
  readonly key: string;
}

// What only an app or a chart would call its credentials, in the spellings of YAML, INI and Go.
const CREDENTIAL =
  /(^|[_.-])(password|passwd|passphrase)$|[a-z0-9](Password|Passphrase)$|^(secret[_-]?key|secret[_-]?access[_-]?key|client[_-]?secret|api[_-]?key|(auth|bearer|access)[_-]?token|token|client-key-data|signing[_-]?key|encryption[_-]?key|service[_-]?key)$|[a-z](ClientSecret|ApiKey|AuthToken)$/i;
const HEADER = /^(authorization|x-api-key|api-key|x-honeycomb-team|dd-api-key)$/i;

// Parts in which such words are names of keys, fields or labels.
const NAMES =
  /(labels|annotations|selector|secretkeys|keymapping|existingsecretkeys|secretkeyref|secretref|remoteref|properties|openapischema|attributes|rbac|podmonitor|dashboards)$/i;
// Beside a reference, what stands under such words is the key within the Secret, or not looked at.
const REFERENCE =
  /^(existingSecret(Name)?|secretName|secretRef|secretKeyRef|valueFrom|fromSecret|passwordSecret|externalSecret)$/i;

/** Credentials in values of a chart, or a configuration. */
export function literalsIn(node: Json | undefined, path: Path = []): Literal[] {
  if (Array.isArray(node)) return node.flatMap((one, i) => literalsIn(one, [...path, i]));
  if (!isObject(node)) return [];
  const refers = Object.entries(node).some(
    ([key, value]) => REFERENCE.test(key) && value !== '' && value !== null && value !== false,
  );
  return Object.entries(node).flatMap(([key, value]): Literal[] => {
    if (typeof value !== 'string') return NAMES.test(key) ? [] : literalsIn(value, [...path, key]);
    // `existingSecretAdminPassword` of Harbor's chart is the name of a Secret.
    const credential =
      (CREDENTIAL.test(key) && !refers && !/^existingSecret/i.test(key)) || (HEADER.test(key) && /\S{8}/.test(value));
    return credential && isLiteral(value) ? [{ path: [...path, key], key }] : [];
  });
}

/** Whether a text is a value of its own: no variable, template, reference to a store, file or blank. */
export function isLiteral(value: string): boolean {
  const trimmed = value.trim();
  return trimmed !== '' && !FILLED_IN.test(trimmed) && !BLANK.test(trimmed);
}

// Variables and templates; SOPS; references that Vault's injectors, vals, 1Password, Kiali and Grafana follow; files.
const FILLED_IN =
  /\$\{|\$\(|\$__|\{\{|^<.*>$|^%|^ENC\[|^(vault|op|secret|env|file|arn|aws-sm|gcp-sm|azurekv):|^ref\+|^\/|^\$[\w.:-]+$/;
const BLANK = /^(ENC|REDACTED|MASKED|null|none|true|false|\*{3,}|x+|\.{3,}|-)$/i;
