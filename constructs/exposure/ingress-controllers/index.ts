export type { BundledController, ExistingController, InstalledController } from './controller.ts';
export type { IngressPublishOptions } from './login.ts';
export { NginxIngress, type NginxIngressProps } from './nginx.ts';
export { TraefikIngress, type TraefikIngressProps } from './traefik.ts';
