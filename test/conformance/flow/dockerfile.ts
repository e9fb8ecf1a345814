/** What a Dockerfile does, as far as its app can run without a container. */
export interface Dockerfile {
  /** The files that its packages are installed from: those copied before the first RUN. */
  readonly lists: readonly string[];
  /** Every file that is copied. */
  readonly files: readonly string[];
  /** The command that installs the packages, as words. */
  readonly install: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The port that its app listens at. */
  readonly port: string;
  /** The command that runs the app, as words. */
  readonly command: readonly string[];
}

/**
 * Reads a Dockerfile of one stage, with one RUN, that copies files by name, and gives CMD as a JSON list.
 *
 * @throws Error when one of these is missing
 */
export function readDockerfile(text: string): Dockerfile {
  const instructions = text.split('\n').flatMap((line) => {
    const [, name, rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, rest, words: rest.split(/\s+/) }];
  });
  const one = (wanted: string) => {
    const [found, second] = instructions.filter(({ name }) => name === wanted);
    if (!found || second) throw new Error(`a Dockerfile has ${found ? 'more than one' : 'no'} ${wanted}`);
    return found;
  };
  const copies = (from: typeof instructions) => from.flatMap(({ name, words }) => (name === 'COPY' ? words.slice(0, -1) : []));
  const run = one('RUN');
  const command: unknown = JSON.parse(one('CMD').rest);
  return {
    lists: copies(instructions.slice(0, instructions.indexOf(run))),
    files: copies(instructions),
    install: run.words,
    env: Object.fromEntries(
      instructions.flatMap(({ name, words }) => (name === 'ENV' ? words.map((word) => assignment(word)) : [])),
    ),
    port: one('EXPOSE').rest,
    command: Array.isArray(command) ? command.map(String) : [],
  };
}

/** The same command on loopback, at a port that the app chooses itself. */
export function onLoopback({ command, port }: Dockerfile): string[] {
  return command.map((word) => {
    if (word === '0.0.0.0') return '127.0.0.1';
    if (word === port) return '0';
    return word === `0.0.0.0:${port}` ? '127.0.0.1:0' : word;
  });
}

function assignment(word: string): [string, string] {
  const [name = '', ...value] = word.split('=');
  return [name, value.join('=')];
}
