/** Of a terminal; longer lines are broken. */
export const COLUMNS = 80;

/** A text behind a lead, broken between words; further lines begin where the first one does. */
export function broken(lead: string, text: string): string[] {
  const [first = '', ...words] = text.split(' ');
  const lines = [lead + first];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + 1 + word.length <= COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(' '.repeat(lead.length) + word);
  }
  return lines;
}
