import { remember } from '../../../kit/remember.ts';
import { items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { type Container, envOf, type Image, imageAt } from '../../model/spans/containers.ts';
import type { Workload } from '../../model/workloads.ts';
import type { Path } from '../../types.ts';

/** One container of any kind: of the pod, for its start, added for a look. */
export interface AnyContainer {
  readonly workload: Workload;
  readonly path: Path;
  /** Undefined when none is stated, or it is filled in later. */
  readonly image: Image | undefined;
  readonly imageText: string | undefined;
  readonly args: readonly string[];
  readonly env: Container['env'];
}

const LISTS = ['containers', 'initContainers', 'ephemeralContainers'];

/** Every container that the workloads of the input state. */
export function allContainers(model: Model): AnyContainer[] {
  return model.workloads.flatMap(containersIn);
}

/** A stack and its variants share most of their workloads. */
const containersIn = remember((workload: Workload): readonly AnyContainer[] => {
  const { object, podSpec } = workload;
  if (!podSpec) return [];
  return LISTS.flatMap((list) =>
    items(object.json, ...podSpec, list).map((json, i): AnyContainer => {
      const path = [...podSpec, list, i];
      const imageText = text(json, 'image');
      const image = imageAt(object, [...path, 'image'], imageText);
      const args = [...items(json, 'command'), ...items(json, 'args')].filter((one) => typeof one === 'string');
      return { workload, path, image, imageText, args, env: envOf(object, path, json) };
    }),
  );
});
