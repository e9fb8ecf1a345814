import { isObject } from '../../kit/json.ts';
import { UserError } from '../../kit/user-error.ts';
import { at, text } from '../json-path.ts';
import type { Acknowledged, Path } from '../types.ts';
import type { YamlDocument } from './yaml.ts';

/**
 * The acknowledgements at a path of a document: a list of `{code, reason, object?, path?}`.
 *
 * @param name the file's name, for messages
 * @throws UserError when it is no such list, or a reason is missing
 */
export function acknowledgementsOf(document: YamlDocument, path: Path, name: string): Acknowledged[] {
  const list = at(document.value, ...path);
  if (!Array.isArray(list)) throw new UserError(`${name}: expected a list of {code, reason, object}`);
  return list.map((entry: unknown, index) => {
    const where = `${name}:${document.line([...path, index]) ?? 1}`;
    if (!isObject(entry)) throw new UserError(`${where}: expected {code, reason, object}`);
    const strange = Object.keys(entry).find((key) => !['code', 'reason', 'object', 'path'].includes(key));
    if (strange !== undefined) throw new UserError(`${where}: unknown key "${strange}": allowed are code, reason, object, path`);
    const code = text(entry, 'code');
    const reason = text(entry, 'reason');
    if (code === undefined) throw new UserError(`${where}: code is missing: name the code of the finding, e.g. TRC002`);
    if (reason === undefined || reason.trim() === '')
      throw new UserError(`${where}: ${code} needs a reason: say why the finding is fine here`);
    const object = text(entry, 'object');
    const construct = text(entry, 'path');
    return { code, reason, ...(object === undefined ? {} : { object }), ...(construct === undefined ? {} : { path: construct }) };
  });
}
