import { isObject } from '../kit/json.ts';
import { UserError } from '../kit/user-error.ts';
import { text } from './json-path.ts';
import { compareFindings } from './prove.ts';
import { isFault, parseYaml } from './read/yaml.ts';
import type { Finding } from './types.ts';

/** A finding that a person has looked at and accepts. With neither `object` nor `path` it holds for every finding of the code. */
export interface Acknowledged {
  readonly code: string;
  /** Why it is fine here. Never empty. */
  readonly reason: string;
  /** The object it is accepted for: `Kind/namespace/name`, as the finding says it. */
  readonly object?: string;
  /** The construct under which it is accepted. */
  readonly path?: string;
}

/**
 * Takes acknowledged findings away.
 *
 * @returns the other findings, and an ACK001 (info) for each acknowledgement that matches nothing: it can be removed
 */
export function applyAcknowledgements(findings: readonly Finding[], acknowledgements: readonly Acknowledged[]): Finding[] {
  const used = new Set<Acknowledged>();
  const left = findings.filter((finding) => {
    const matching = acknowledgements.filter((one) => matches(one, finding));
    for (const one of matching) used.add(one);
    return matching.length === 0;
  });
  const idle = acknowledgements
    .filter((one) => !used.has(one))
    .map(
      ({ code, reason, object, path }): Finding => ({
        code: 'ACK001',
        severity: 'info',
        object: object ?? '',
        file: null,
        path: path ?? null,
        message: `the acknowledgement of ${code} (${reason}) matches no finding`,
        hint: 'remove it, or correct its code, object or path',
      }),
    );
  return [...left, ...idle].sort(compareFindings);
}

/**
 * Reads acknowledgements from YAML: a list of `{code, reason, object?, path?}`.
 *
 * @param name the file's name, for messages
 * @throws UserError when the text is no such list, or a reason is missing
 */
export function readAcknowledgements(source: string, name: string): Acknowledged[] {
  const parsed = parseYaml(source);
  if (isFault(parsed)) throw new UserError(`${name}:${parsed.line}: not readable as YAML: ${parsed.message}`);
  const [document] = parsed;
  if (!document) return [];
  if (!Array.isArray(document.value)) throw new UserError(`${name}: expected a list of {code, reason, object}`);
  return document.value.map((entry: unknown, index) => {
    const where = `${name}:${document.line([index]) ?? 1}`;
    if (!isObject(entry)) throw new UserError(`${where}: expected {code, reason, object}`);
    const strange = Object.keys(entry).find((key) => !['code', 'reason', 'object', 'path'].includes(key));
    if (strange !== undefined) throw new UserError(`${where}: unknown key "${strange}": allowed are code, reason, object, path`);
    const code = text(entry, 'code');
    const reason = text(entry, 'reason');
    if (code === undefined) throw new UserError(`${where}: code is missing: name the code of the finding, e.g. TRC002`);
    if (reason === undefined || reason.trim() === '')
      throw new UserError(`${where}: ${code} needs a reason: say why the finding is fine here`);
    const object = text(entry, 'object');
    const path = text(entry, 'path');
    return { code, reason, ...(object === undefined ? {} : { object }), ...(path === undefined ? {} : { path }) };
  });
}

function matches({ code, object, path }: Acknowledged, finding: Finding): boolean {
  if (code !== finding.code || (object !== undefined && object !== finding.object)) return false;
  return path === undefined || path === '' || finding.path === path || (finding.path ?? '').startsWith(`${path}/`);
}
