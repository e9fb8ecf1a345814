import { suggest } from '../../../kit/nearest.ts';
import { fields, items } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { optionValues } from '../../model/spans/containers.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Fault } from '../../types.ts';

/** Programs that take spans and are started with a configuration file that the mounted ConfigMap does not hold: they end at once. */
export function missingConfigFiles(model: Model): Fault[] {
  return model.programs.all.flatMap((program) => fileFault(model, program) ?? []);
}

function fileFault(model: Model, { container, workload, object, namespace, config }: Program): Fault | undefined {
  if (!container || !workload?.podSpec || config) return undefined;
  const named = ['config', 'config.file'].flatMap((option) => optionValues(container.args, option));
  const [path] = named;
  // Of a configuration in parts, any may come from elsewhere; so may a file among several sources of one volume.
  if (path === undefined || named.length > 1) return undefined;
  if (items(object.json, ...workload.podSpec, 'volumes').some((one) => Object.hasOwn(fields(one), 'projected'))) return undefined;
  const place = container.file(path.replace(/^file:/, ''));
  const maps = model.kind('ConfigMap').filter((one) => one.namespace === namespace && one.name === place?.configMap);
  const [first] = maps;
  const keys = maps.flatMap((one) => ['data', 'binaryData'].flatMap((section) => Object.keys(fields(one.json, section))));
  if (!place || !first || keys.length === 0 || keys.includes(place.key)) return undefined;
  return {
    at: container.argsAt,
    message: `names the configuration file ${path}, but ${first.id}, which is mounted there, has no key ${place.key}`,
    hint: suggest(place.key, keys, `add key ${place.key} to it`),
    cause: `configuration of ${object.id}`,
  };
}
