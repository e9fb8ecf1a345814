import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { byCodeUnit, isObject, type JsonObject } from '../../constructs/kit/json.ts';
import { UserError } from '../../constructs/kit/user-error.ts';

/** One upstream file, read. */
export interface Source {
  /** The address or file, for messages. */
  readonly name: string;
  /** What a group may come from only once: the address up to the last slash; for a folder, the folder. */
  readonly origin: string;
  /** The YAML documents of the file that are objects. */
  readonly documents: readonly JsonObject[];
}

/** Milliseconds until an address that does not answer is given up. */
const timeout = 60_000;

/**
 * Reads the upstream files one after the other.
 *
 * @throws UserError for an address that cannot be reached, or a file that is cut off or is no YAML.
 */
export async function fetchSources(urls: readonly string[], progress: (line: string) => void): Promise<Source[]> {
  const sources: Source[] = [];
  for (const url of urls) {
    progress(`read ${url}`);
    const documents = parseDocuments(await fetchText(url), url);
    sources.push({ name: url, origin: url.slice(0, url.lastIndexOf('/') + 1), documents });
  }
  return sources;
}

/**
 * Reads every .yaml, .yml and .json file that lies directly in a folder, whatever its name.
 *
 * @throws UserError for a folder that does not exist or holds no such file, or a file that is cut off or is no YAML.
 */
export function readFolder(folder: string, progress: (line: string) => void): Source[] {
  const names = listFolder(folder).filter((name) => /\.(ya?ml|json)$/.test(name));
  if (names.length === 0) throw new UserError(`${folder} holds no .yaml or .json file: put the CRD files there`);
  return names.sort(byCodeUnit).flatMap((base) => {
    const name = join(folder, base);
    if (!statSync(name).isFile()) return [];
    progress(`read ${name}`);
    return [{ name, origin: folder, documents: parseDocuments(readFileSync(name, 'utf8'), name) }];
  });
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    if (code === 'ENOENT') throw new UserError(`folder ${folder} does not exist: --from takes a folder with the CRD files`);
    if (code === 'ENOTDIR') throw new UserError(`${folder} is not a folder: --from takes a folder with the CRD files`);
    throw new UserError(`folder ${folder} cannot be read: ${code}`);
  }
}

async function fetchText(url: string): Promise<string> {
  const advice = 'check the address and the network, or take the files from a folder with --from DIR';
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout) });
    if (!response.ok) throw new UserError(`${url} answered ${response.status} ${response.statusText}: ${advice}`);
    return await response.text();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${url} cannot be read (${reason(error)}): ${advice}`);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeout / 1000} s`;
  const cause = error.cause;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : error.message;
}

function parseDocuments(text: string, name: string): JsonObject[] {
  const trimmed = text.trimStart();
  if (trimmed === '') throw new UserError(`${name} is empty: read it again`);
  if (trimmed.startsWith('<')) throw new UserError(`${name} is a web page, not YAML: use the address of the raw file`);
  if (trimmed.startsWith('{')) return [parseJson(text, name)];
  // Upstream's files all end in a line end, and a file cut inside its last schema is still valid YAML more often than not.
  if (!text.endsWith('\n')) throw new UserError(`${name} ends in the middle of a line, so it is cut off: read it again`);
  const documents: JsonObject[] = [];
  for (const document of parseAllDocuments(text, { logLevel: 'silent' })) {
    const problem = document.errors[0];
    if (problem) throw new UserError(`${name} is cut off or no YAML: ${problem.message.split('\n')[0]?.replace(/:$/, '')}`);
    const content: unknown = document.toJS();
    if (content === null) continue;
    if (!isObject(content)) throw new UserError(`${name} holds no Kubernetes objects: it is no CRD file`);
    documents.push(content);
  }
  return documents;
}

function parseJson(text: string, name: string): JsonObject {
  try {
    const content: unknown = JSON.parse(text);
    if (isObject(content)) return content;
  } catch {
    // Said below.
  }
  throw new UserError(`${name} is cut off or no JSON: read it again`);
}
