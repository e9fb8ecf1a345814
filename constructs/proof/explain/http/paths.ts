import { text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { pathOf } from './match.ts';

/**
 * The path as a proxy reads it before it looks for routes (mesh config `pathNormalization`, BASE by default): without dot segments, with
 * backslashes turned round and letters, digits, `-._~` not escaped; MERGE_SLASHES makes one slash of many, DECODE_AND_MERGE_SLASHES reads
 * escaped slashes as well.
 */
export function normalized(model: Model, path: string): string {
  const mode = model.meshConfigs.flatMap((one) => text(one.value, 'pathNormalization', 'normalization') ?? [])[0] ?? 'BASE';
  if (mode === 'NONE') return path;
  const asked = pathOf(path);
  const decoded = mode === 'DECODE_AND_MERGE_SLASHES' ? asked.replace(/%2f|%5c/gi, '/') : asked;
  const plain = decoded
    .replaceAll('\\', '/')
    .replace(
      /%([0-9a-f]{2})/gi,
      (escaped, code: string) => unreserved(String.fromCharCode(Number.parseInt(code, 16))) ?? escaped,
    );
  const kept: string[] = [];
  const segments = plain.split('/').slice(1);
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (last) kept.push('');
  }
  const whole = `/${kept.join('/')}`;
  return (mode.endsWith('MERGE_SLASHES') ? whole.replace(/\/{2,}/g, '/') : whole) + path.slice(asked.length);
}

function unreserved(character: string): string | undefined {
  return /[A-Za-z0-9._~-]/.test(character) ? character : undefined;
}
