/** A value of an INI file, and its line in it, counted from 1. */
export interface IniEntry {
  readonly value: string;
  readonly line: number;
}

/** Looks a key of a section up, as Grafana reads its grafana.ini: `;` and `#` begin comments, the last one counts. */
export function iniEntry(file: string, section: string, key: string): IniEntry | undefined {
  let current = '';
  let found: IniEntry | undefined;
  for (const [index, written] of file.split('\n').entries()) {
    const line = written.trim();
    const header = /^\[(.*)\]$/.exec(line);
    if (header?.[1] !== undefined) current = header[1].trim();
    const [, name, value] = /^([^;#=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (current === section && name === key && value !== undefined) found = { value: value.trim(), line: index + 1 };
  }
  return found;
}
