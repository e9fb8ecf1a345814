import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit } from '../../constructs/kit/json.ts';
import { writeBindings } from './bindings.ts';
import { coreSchemas } from './core-schemas.ts';
import { crdSchemas } from './crd-schemas.ts';
import { cutCrds, findOpenApi } from './cut.ts';
import { readImportUrls, readKinds } from './kinds.ts';
import { fetchSources, readFolder } from './sources.ts';
import { stage } from './swap.ts';
import { indexOf, type SchemaModule, schemaFile, validatorFile, writeRuntime } from './validators.ts';

/** Where an import reads and writes; all paths as given by the user. */
export interface ImportOptions {
  /** A cdk8s.yaml whose `imports` are addresses. Not read when `from` is given. */
  readonly config: string;
  /** A folder to take the files from. */
  readonly from?: string;
  /** The list of wanted kinds, see kinds.yaml. */
  readonly kinds: string;
  /** The folder that is replaced as a whole. */
  readonly out: string;
}

/**
 * The whole import: sources in, `out` replaced. Nothing is touched unless all of it succeeds.
 *
 * @param progress gets one line per file read or written.
 * @throws UserError for anything wrong with the input.
 */
export async function runImport(options: ImportOptions, progress: (line: string) => void): Promise<void> {
  const wanted = readKinds(options.kinds);
  const staging = stage(options.out);
  try {
    const sources =
      options.from === undefined
        ? await fetchSources(readImportUrls(options.config), progress)
        : readFolder(options.from, progress);
    const crds = cutCrds(sources, wanted);
    const groups = [...new Set(crds.map(({ group }) => group))].sort(byCodeUnit);
    const modules: SchemaModule[] = groups.map((group) => crdSchemas(crds.filter((crd) => crd.group === group)));
    if (wanted.core.length > 0) modules.push(coreSchemas(findOpenApi(sources), wanted.core));

    await writeBindings(crds, { scratch: staging.scratch, out: staging.next }, progress);
    writeModules(modules, staging.next, progress);
    cpSync(new URL('README.md', import.meta.url), join(staging.next, 'README.md'));
    staging.commit();
    const kinds = `${crds.length} custom kinds in ${groups.length} groups, ${wanted.core.length} kinds of Kubernetes`;
    progress(`${options.out} written: ${kinds}`);
  } finally {
    staging.discard();
  }
}

function writeModules(modules: readonly SchemaModule[], folder: string, progress: (line: string) => void): void {
  const [schemas, validators] = [join(folder, 'schemas'), join(folder, 'validators')];
  for (const each of [schemas, validators]) mkdirSync(each, { recursive: true });
  for (const module of modules) {
    progress(`validators ${module.name}.cjs`);
    writeFileSync(join(schemas, `${module.name}.json`), schemaFile(module));
    writeFileSync(join(validators, `${module.name}.cjs`), validatorFile(module));
  }
  writeFileSync(join(validators, 'index.json'), `${JSON.stringify(indexOf(modules), null, 1)}\n`);
  writeRuntime(validators);
}
