import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { forwardedHeaders } from '../../../constructs/kit/trace-headers.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { type Dockerfile, onLoopback, readDockerfile } from './dockerfile.ts';
import { install, type PackageManager, packageCache } from './installs.ts';
import { appOf } from './own-spans.ts';
import { startService } from './processes.ts';
import { CHAIN_PATH, type Service } from './walk.ts';

const source = resolve(import.meta.dirname, '../../../examples/header-chain');

/** A service of the chain, given what else is in its environment. */
export type Variant = (env: Readonly<Record<string, string>>) => Service;

/**
 * Makes a variant ready to run: its packages from its package manager, its files in a folder of its own.
 *
 * @param name its folder in examples/header-chain
 * @param scratch where its folder is made
 * @returns the service; or why there is none
 */
export async function prepare(name: string, scratch: string): Promise<{ service: Variant } | { outcome: Outcome }> {
  const app = join(source, name);
  const what = `packages of examples/header-chain/${name}`;
  const dockerfile = readDockerfile(readFileSync(join(app, 'Dockerfile'), 'utf8'));
  const installation = await install(app, name, dockerfile, packageCache());
  if (installation.is === 'missing') return { outcome: skipped(what, installation.reason) };
  if (installation.is === 'faulty') return { outcome: verdict(what, installation.reasons) };
  const { folder: packages, manager } = installation;
  const folder = join(scratch, name);
  mkdirSync(folder);
  for (const file of dockerfile.files) cpSync(join(app, file), join(folder, file));
  if (manager.beside) symlinkSync(join(packages, manager.beside), join(folder, manager.beside));
  return { service: serviceOf(name, { dockerfile, folder, packages, manager }) };
}

interface Prepared {
  readonly dockerfile: Dockerfile;
  /** Where its files are. */
  readonly folder: string;
  readonly packages: string;
  readonly manager: PackageManager;
}

function serviceOf(name: string, { dockerfile, folder, packages, manager }: Prepared): Variant {
  const [command = '', ...args] = onLoopback(dockerfile);
  const [program = '', ...before] = manager.runner(packages, command);
  const service = `${name}.shop`;
  return (more) => ({
    name: service,
    start: ({ upstream, without, env = {} }) =>
      startService(program, [...before, ...args], {
        cwd: folder,
        env: {
          ...dockerfile.env,
          SERVICE_NAME: name,
          OTEL_SERVICE_NAME: appOf(service),
          FORWARD_HEADERS: forwardedHeaders('all', name)
            .filter((header) => header !== without)
            .join(','),
          ...(upstream ? { UPSTREAM: `${upstream}${CHAIN_PATH}` } : {}),
          ...more,
          ...env,
        },
      }),
  });
}
