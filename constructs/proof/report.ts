import type { Finding, Severity } from './types.ts';

/** How parts of a report are shown; picocolors fits. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const same = (text: string) => text;
const noPaint: Paint = { bold: same, dim: same, red: same, yellow: same, cyan: same };

/**
 * The findings for people: under the file or construct they are in, each with its message and hint.
 *
 * @param paint colours of a terminal; none when left out
 */
export function formatFindings(findings: readonly Finding[], paint: Paint = noPaint): string {
  const severities: Record<Severity, (text: string) => string> = { error: paint.red, warning: paint.yellow, info: paint.cyan };
  const lines: string[] = [];
  let place: string | undefined;
  for (const { code, severity, object, file, path, line, message, hint } of findings) {
    const here = file ?? path ?? '';
    if (here !== place) lines.push(...(place === undefined ? [] : ['']), paint.bold(here === '' ? '(no place)' : here));
    place = here;
    const construct = file !== null && path !== null ? ` (${path})` : '';
    const at = line === undefined ? construct : ` line ${line}${construct}`;
    lines.push(
      `  ${severities[severity](severity)} ${code} ${object}${paint.dim(at)}`,
      `    ${message}`,
      ...(hint === '' ? [] : [`    ${paint.dim(`hint: ${hint}`)}`]),
    );
  }
  return lines.join('\n');
}

/** `2 errors, 1 warning`, or `no findings`. */
export function countFindings(findings: readonly Finding[]): string {
  const counts = (['error', 'warning', 'info'] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`];
  });
  return counts.length === 0 ? 'no findings' : counts.join(', ');
}
