import type { Construct } from 'constructs';
import { type JsonObject, siteOf } from '../../kit/index.ts';
import { platforms } from '../../kit/platforms.ts';
import type { InstallInLayer } from './install.ts';

/** What a mesh gives to whoever installs it: the same for each of them. */
export interface InstallContent {
  readonly rootNamespace: string;
  /** The mesh config; asked for at synth. */
  readonly config: () => JsonObject;
  /** Chart values of the injector's templates; empty without any. */
  readonly templates: JsonObject;
}

/** `global` of Istio's chart values, without what is as usual; empty where everything is. */
export function globalValues(scope: Construct, { namespace, hub }: { namespace: string; hub?: string | undefined }): JsonObject {
  const { istioPlatform } = platforms[siteOf(scope).platform];
  const global = {
    ...(namespace === 'istio-system' ? {} : { istioNamespace: namespace }),
    ...(hub === undefined ? {} : { hub }),
    ...(istioPlatform === undefined ? {} : { platform: istioPlatform }),
  };
  return Object.keys(global).length > 0 ? { global } : {};
}

/** The CNI chart's own values; empty where its platform's or its own defaults fit. */
export function cniValues({ cni }: InstallInLayer): JsonObject {
  return cni ? { cniBinDir: cni.pluginFolder, cniConfDir: cni.configFolder } : {};
}
