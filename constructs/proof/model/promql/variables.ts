/** What stands for a variable of Grafana. */
export const STAND_IN = 'grafana_variable';

/** A query without variables. */
export interface Filled {
  readonly text: string;
  /** A variable stood where the syntax depends on its value: a function, an operator, a whole query. */
  readonly open: boolean;
}

// `$name`, `${name}`, `${name:regex}`, `[[name]]`; `$$name` in a provisioning file. `$1` belongs to label_replace.
const VARIABLE = /\$\$?(?:\{([a-z_]\w*)(?:[:.][^}]*)?\}|([a-z_]\w*))|\[\[([a-z_]\w*)(?::[^\]]*)?\]\]/iy;

/** Puts something of the right kind in the place of each variable, so that the rest can be read: a text, a duration, a label, a metric. */
export function withoutVariables(query: string): Filled {
  if (!query.includes('$') && !query.includes('[[')) return { text: query, open: false };
  let text = '';
  let quote = '';
  let open = false;
  let brackets = 0;
  let braces = 0;
  for (let i = 0; i < query.length; ) {
    const char = query.charAt(i);
    VARIABLE.lastIndex = i;
    const variable = char === '$' || char === '[' ? VARIABLE.exec(query) : null;
    if (variable) {
      i = VARIABLE.lastIndex;
      const name = variable[1] ?? variable[2] ?? variable[3] ?? '';
      if (quote !== '') text += STAND_IN;
      else if (brackets > 0 || /\boffset\s+-?\s*$/i.test(text)) text += duration(text, query.charAt(i));
      else if (braces > 0) {
        const matcher = inMatchers(text, query.slice(i));
        // Of these alone it is known that they are matchers.
        if (matcher.includes('=') && name !== '__tags') open = true;
        text += matcher;
      } else if (isNumber(name) || /@\s*$/.test(text)) text += '1';
      else {
        open = true;
        text += !/\w$/.test(text) && /^\s*(\(|by\b|without\b)/i.test(query.slice(i)) ? 'sum' : STAND_IN;
      }
      continue;
    }
    // A comment may hold an apostrophe.
    if (quote === '' && char === '#') {
      const end = query.indexOf('\n', i);
      text += query.slice(i, end < 0 ? query.length : end);
      i = end < 0 ? query.length : end;
      continue;
    }
    if (quote !== '') {
      if (char === '\\' && quote !== '`') text += query.charAt(i++);
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'" || char === '`') quote = char;
    else if (char === '[') brackets++;
    else if (char === ']') brackets--;
    else if (char === '{') braces++;
    else if (char === '}') braces--;
    text += query.charAt(i++);
  }
  return { text, open };
}

/** `[$window]`, `[${minutes}m]`, `[5$unit]`. */
function duration(before: string, next: string): string {
  if (/\d$/.test(before)) return 'm';
  return /[a-z]/i.test(next) ? '5' : '5m';
}

/** `{label=~$value}`, `{$label="value"}`, `{$matchers}`. */
function inMatchers(before: string, after: string): string {
  if (/[=~]\s*$/.test(before)) return `"${STAND_IN}"`;
  return /\w$/.test(before) || /^\s*[=!\w]/.test(after) ? STAND_IN : `${STAND_IN}="${STAND_IN}"`;
}

function isNumber(name: string): boolean {
  return /^__(from|to|.*_m?s)$/.test(name);
}
