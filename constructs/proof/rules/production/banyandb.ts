import type { Model } from '../../model/model.ts';
import type { Workload } from '../../model/workloads.ts';
import { allContainers } from './containers.ts';
import type { Lost } from './memory.ts';
import { lostWithPod } from './volumes.ts';

/** SkyWalking’s BanyanDB servers whose traces lie on a disk that is the pod’s own (BanyanDB 0.10: in /tmp unless told otherwise). */
export function lostInBanyandb(model: Model): (Lost & { readonly workload: Workload })[] {
  return allContainers(model).flatMap(({ workload, image, env, args }) => {
    if (!image || !/(^|\/)(skywalking-)?banyandb$/.test(image.repository) || args.includes('liaison')) return [];
    const stated = env.get('BYDB_TRACE_ROOT_PATH') ?? env.get('BYDB_STREAM_ROOT_PATH');
    const folder = stated ? stated.value : args.some((arg) => arg.includes('root-path')) ? undefined : '/tmp';
    const where = folder === undefined ? undefined : lostWithPod(workload, folder);
    if (where === undefined) return [];
    return [{ workload, at: stated?.at ?? image.at, how: `in ${folder}, ${where}`, hint: 'mount a persistent volume there' }];
  });
}
