export {
  type GatewayPort,
  GatewayRelease,
  type GatewayReleaseProps,
  type GatewayService,
} from './gateway-release.ts';
export type { CniFolders, Dataplane, ExistingInstall, HelmInstall, Install, IstioctlInstall, SailInstall } from './install.ts';
export type { IstiodSettings } from './istiod-settings.ts';
export { SailOperator, type SailOperatorProps } from './sail-operator.ts';
export type { Replicas } from './scale.ts';
