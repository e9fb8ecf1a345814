import {
  type ComponentName,
  component,
  type Distribution,
  distributionsWith,
  missingFrom,
  removedIn,
} from '../../kit/collector-components.ts';
import { repositories, UserError, versions } from '../../kit/index.ts';

/** Which image runs a collector. */
export interface CollectorImage {
  readonly distribution: Distribution | 'own';
  /** With its tag. */
  readonly image: string;
  readonly version: string;
}

/**
 * The smallest released image that holds every component, or the one that was asked for.
 *
 * @throws UserError when a component is unknown, removed, or not in the distribution that was asked for
 */
export function collectorImage(
  used: readonly ComponentName[],
  wanted: { readonly distribution?: Distribution | 'own'; readonly version?: string; readonly image?: string },
  where: string,
): CollectorImage {
  const { version = versions.collector } = wanted;
  if (wanted.distribution === 'own') {
    if (wanted.image === undefined) throw new UserError(`distribution of '${where}' is 'own': say which image`);
    return { distribution: 'own', image: `${wanted.image}:${version}`, version };
  }
  for (const { kind, type } of used) {
    const gone = removedIn(kind, type, version);
    if (gone) throw new UserError(`${kind} '${type}' of '${where}' is gone since collector ${gone.in}: use ${gone.instead}`);
    if (!component(kind, type)) {
      throw new UserError(
        `${kind} '${type}' of '${where}' is in no released collector: check its name, or say distribution 'own' and the image of your build`,
      );
    }
  }
  const [smallest] = distributionsWith(used, version);
  const distribution = wanted.distribution ?? smallest ?? 'contrib';
  const [missing] = missingFrom(distribution, used, version);
  if (missing) {
    const found = component(missing.kind, missing.type)?.distributions ?? [];
    throw new UserError(
      `distribution '${distribution}' of '${where}' has no ${missing.kind} '${missing.type}', it is in ${found.join(' and ')}: leave out distribution for the smallest that fits`,
    );
  }
  return { distribution, image: `${wanted.image ?? repository(distribution)}:${version}`, version };
}

function repository(distribution: Distribution): string {
  return distribution === 'core' ? repositories.collector : `${repositories.collector}-${distribution}`;
}
