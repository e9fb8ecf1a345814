/** A block of commands, to be copied whole. */
export function code(lines: readonly string[]): string {
  return ['```sh', ...lines, '```'].join('\n');
}

/** A table; without rows, nothing. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
