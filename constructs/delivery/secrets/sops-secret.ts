import { readFileSync } from 'node:fs';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { parseAllDocuments } from 'yaml';
import type { SecretKey } from '../../kit/capabilities.ts';
import { byCodeUnit, isObject, type JsonObject } from '../../kit/json.ts';
import { namespaceOf } from '../../kit/layer.ts';
import { checkSecretKey } from '../../kit/secret-key.ts';
import { UserError } from '../../kit/user-error.ts';

/** Options of a {@link SopsSecret}. */
export interface SopsSecretProps {
  /** A YAML file with one Secret, encrypted by sops, relative to the working folder: 'secrets/grafana.sops.yaml'. */
  readonly file: string;
}

const howTo = "sops encrypt --in-place --encrypted-regex '^(data|stringData)$'";

/**
 * A Secret that stands in the repository encrypted by SOPS (3.9), and goes into the output as it is: nothing is decrypted here, comments alone are left
 * out. Flux decrypts it with the keys that `decryption` of the stack's delivery names; kubectl cannot.
 *
 * Flux does not compare the file's checksum (`sops.mac`); `sops decrypt` does, so use that on your own file and not on the output, whose keys are sorted.
 */
export class SopsSecret extends Construct {
  /** Name of the Secret. */
  readonly secret: string;
  private readonly file: string;
  private readonly keys: readonly string[];

  /**
   * @throws UserError when the file cannot be read, is no single Secret, is not encrypted or holds a value that is not, hides its metadata, or is for
   * another namespace than the layer's
   */
  constructor(scope: Construct, id: string, { file }: SopsSecretProps) {
    super(scope, id);
    const where = `${file} of '${this.node.path}'`;
    const json = readSecret(file, where);
    checkEncrypted(json, where);
    const { name } = checkMetadata(json, namespaceOf(this), where);
    this.file = file;
    this.secret = name;
    this.keys = valuesOf(json).map(({ key }) => key);
    for (const key of this.keys) checkSecretKey({ secret: name, key }, `'${this.node.path}'`);
    const { apiVersion, kind, metadata, ...rest } = json;
    new ApiObject(this, 'secret', { ...rest, apiVersion: 'v1', kind: 'Secret', metadata: isObject(metadata) ? metadata : {} });
  }

  /** One of its keys, to hand over. @throws UserError when the file has no such key */
  key(name: string): SecretKey {
    if (!this.keys.includes(name)) {
      throw new UserError(
        `'${this.node.path}' has no key ${JSON.stringify(name)}: ${this.file} has ${[...this.keys].sort(byCodeUnit).join(', ') || 'none'}`,
      );
    }
    return { secret: this.secret, key: name };
  }
}

function readSecret(file: string, where: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${where} cannot be read: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  const documents = parseAllDocuments(text);
  const errors = documents.flatMap((document) => document.errors);
  if (errors[0]) throw new UserError(`${where} is no YAML: ${errors[0].message}`);
  const [json, ...more] = documents.map((document): unknown => document.toJS()).filter((value) => value !== null);
  if (!isObject(json) || more.length > 0 || json.kind !== 'Secret' || json.apiVersion !== 'v1') {
    throw new UserError(
      `${where} must be one Secret, with apiVersion 'v1' and kind 'Secret' in plain text: flux decrypts no other way; encrypt with ${howTo}`,
    );
  }
  return json;
}

function checkMetadata({ metadata, type }: JsonObject, wanted: string, where: string): { readonly name: string } {
  const { name, namespace } = isObject(metadata) ? metadata : {};
  // Flux 2.9, SOPS: what names the object must be readable before it is decrypted.
  if (/"ENC\[/.test(JSON.stringify([metadata ?? null, type ?? null])))
    throw new UserError(
      `${where} has its metadata or type encrypted: flux must read them, encrypt the values alone with ${howTo}`,
    );
  if (typeof name !== 'string') throw new UserError(`${where} has no metadata.name: add it, then encrypt again`);
  if (namespace === wanted) return { name };
  throw new UserError(
    `${where} is for ${typeof namespace === 'string' ? `namespace '${namespace}'` : 'no namespace'}, the layer for '${wanted}': write 'namespace: ${wanted}' into its metadata and encrypt again, or put it into a layer of that namespace`,
  );
}

function checkEncrypted(json: JsonObject, where: string): void {
  const { sops } = json;
  if (!isObject(sops) || typeof sops.mac !== 'string' || !sops.mac.startsWith('ENC['))
    throw new UserError(
      `${where} is not encrypted, it has no sops.mac: nothing of it was written; run ${howTo} ${where.split(' ')[0]}`,
    );
  // sops leaves an empty value as it is.
  const plain = valuesOf(json).find(({ value }) => value !== '' && !(typeof value === 'string' && value.startsWith('ENC[')));
  if (plain) {
    throw new UserError(
      `${where} holds ${plain.field}.${plain.key} in plain text: nothing of it was written; encrypt it again with ${howTo}`,
    );
  }
}

function valuesOf(json: JsonObject) {
  return (['data', 'stringData'] as const).flatMap((field) => {
    const values = json[field];
    return isObject(values) ? Object.entries(values).map(([key, value]) => ({ field, key, value })) : [];
  });
}
