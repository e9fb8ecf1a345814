/** What is to be read: the argument of every command that reads YAML, as `readWorlds` takes it. */
export const pathArgument = ['<path...>', 'files, folders, names of stacks under dist/, or -'] as const;
