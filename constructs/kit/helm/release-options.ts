import type { HelmReleaseProps } from './helm-release.ts';

/** What every construct that installs a chart can be told of its release. */
export interface ReleaseOptions extends Pick<HelmReleaseProps, 'version' | 'source' | 'after' | 'timeout'> {}

/** Those of a construct's options that are its release's. @internal */
export function releaseOptions({ version, source, after, timeout }: ReleaseOptions): ReleaseOptions {
  return {
    ...(version === undefined ? {} : { version }),
    ...(source === undefined ? {} : { source }),
    ...(after === undefined ? {} : { after }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}
