import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { UserError } from '../../constructs/kit/user-error.ts';
import { runImport } from './run.ts';

const command = new Command('import')
  .description('generate bindings, schemas and validators from the upstream files that cdk8s.yaml lists')
  .option('--config <file>', 'where the addresses are listed, under imports', 'cdk8s.yaml')
  .option('--from <folder>', 'take the files of this folder instead of the addresses')
  .option('--kinds <file>', 'which kinds and versions to take', join(dirname(fileURLToPath(import.meta.url)), 'kinds.yaml'))
  .option('--out <folder>', 'the folder to replace', 'imports')
  .allowExcessArguments(false)
  .parse();

try {
  await runImport(command.opts(), (line) => process.stderr.write(`${line}\n`));
} catch (error) {
  // A full disk or a folder without rights is the user's to repair as much as a wrong address is.
  const plain = error instanceof UserError || (error instanceof Error && 'syscall' in error);
  if (!plain) throw error;
  process.stderr.write(`import failed: ${error.message}\n`);
  process.exitCode = 1;
}
