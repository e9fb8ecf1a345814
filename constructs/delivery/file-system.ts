import fs from 'node:fs';
import { UserError } from '../kit/user-error.ts';

/** The calls that publishing makes; `node:fs` by default, so that a test can make any of them fail. */
export type FileSystem = Pick<
  typeof fs,
  | 'chmodSync'
  | 'copyFileSync'
  | 'linkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'readFileSync'
  | 'readdirSync'
  | 'readlinkSync'
  | 'realpathSync'
  | 'renameSync'
  | 'rmSync'
  | 'statSync'
  | 'symlinkSync'
  | 'utimesSync'
  | 'writeFileSync'
>;

/** The real file system. */
export const nodeFileSystem: FileSystem = fs;

/** The error code of a failed call (`ENOENT`, `EACCES`...), or undefined for any other thing thrown. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** The result of a call, or undefined when the path is not there. */
export function ifThere<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** One line for a failed call while publishing to `target`: what is wrong, what to do, and that nothing was lost. */
export function publishError(error: unknown, target: string): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : target;
  return new UserError(`cannot write ${target}: ${reasonOf(code, path)}; what was there is unchanged`, { cause: error });
}

function reasonOf(code: string, path: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `no permission at ${path} (${code}): make the output folder and the folder it lies in writable, or choose another one`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `no space left at ${path} (${code}): free some (the old and the new output exist side by side for a moment)`;
    case 'EBUSY':
    case 'EXDEV':
      return `the folder is a mount point and cannot be swapped (${code}): write to a folder inside it`;
    case 'ENOTDIR':
      return `a part of the path ${path} is a file (${code}): choose another output folder, or remove that file`;
    default:
      return `${path} failed with ${code}`;
  }
}
