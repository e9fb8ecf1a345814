import { UserError } from '../kit/user-error.ts';
import { compareFindings } from './prove.ts';
import { acknowledgementsOf } from './read/acknowledgements.ts';
import { isFault, parseYaml } from './read/yaml.ts';
import type { Acknowledged, Finding } from './types.ts';

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
  if (isFault(parsed)) throw new UserError(`${name}:${parsed.line}: not readable as YAML: ${parsed.message}: ${parsed.hint}`);
  const [document] = parsed;
  return document ? acknowledgementsOf(document, [], name) : [];
}

function matches({ code, object, path }: Acknowledged, finding: Finding): boolean {
  if (code !== finding.code || (object !== undefined && object !== finding.object)) return false;
  return path === undefined || path === '' || finding.path === path || (finding.path ?? '').startsWith(`${path}/`);
}
