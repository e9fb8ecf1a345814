import { groupBy } from '../../group-by.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { floatingTags } from '../production/prd006-image-tag.ts';

export const floatingTag: Rule = {
  code: 'SEC007',
  title: 'an image without a fixed version, outside production',
  severity: 'warning',
  run: (model): Fault[] => {
    if (model.world.purpose === 'production') return [];
    // A kustomization may fill in tags, and a bare name may be whatever the cluster's nodes have been given.
    const mayBeFilledIn = (model.world.tree?.kustomizations.size ?? 0) > 0;
    const told = floatingTags(model).filter(
      ({ message }) => !/has no tag/.test(message) || (message.includes('/') && !mayBeFilledIn),
    );
    const all = groupBy(told, ({ at }) => at.object);
    return [...all.values()].flatMap(([first]) => first ?? []);
  },
  docs: {
    cause:
      'As PRD006, which is the error in production: an image without a tag, or with the tag `latest`, is another one after the next pull. Told once for each object, and once for each image. An image without a tag is passed over where the input holds a kustomization, which may set it, and where it is a bare name.',
    fix: 'Name a version, or a digest.',
    example: 'containers:\n- {name: curl, image: curlimages/curl}',
  },
};
