import { createRequire } from 'node:module';
import { rememberText } from '../../../kit/remember.ts';

type Re2 = typeof import('re2js').RE2JS;

let loaded: Re2 | undefined;

/** Google's RE2, as Envoy has it; read only when somebody uses a regular expression. */
function re2(): Re2 {
  if (loaded) return loaded;
  const module: typeof import('re2js') = createRequire(import.meta.url)('re2js');
  loaded = module.RE2JS;
  return loaded;
}

const compile = rememberText((pattern: string) => {
  try {
    return re2().compile(pattern);
  } catch {
    return undefined;
  }
});

/** Whether a whole text matches a regular expression; one that RE2 does not read matches nothing. */
export function matchesWhole(pattern: string, text: string): boolean {
  return compile(pattern)?.matches(text) ?? false;
}

/** The text with every match replaced; `\1` in the replacement is the first group. */
export function replaceMatches(pattern: string, replacement: string, text: string): string {
  const compiled = compile(pattern);
  if (!compiled) return text;
  const dollars = replacement.replaceAll('$', '\\$').replace(/\\(\d)/g, '$$$1');
  return compiled.matcher(text).replaceAll(dollars);
}
