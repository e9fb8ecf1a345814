export { type Acknowledgement, acknowledge, acknowledgementsIn } from './acknowledge.ts';
export { browserUrl, isSecureOnly } from './browser-address.ts';
export type * from './capabilities.ts';
export { clusterScoped } from './cluster-scoped.ts';
export { ConfigFiles, type ConfigFilesProps, type FileContent } from './config-files.ts';
export {
  type Call,
  type ConnectionEntrance,
  type Destination,
  type DestinationPort,
  type DestinationVersion,
  type Entrance,
  type Identity,
  isVersion,
  type ListeningPort,
  type PodSet,
} from './destination.ts';
export { checkPort, Endpoint, type ExternalEndpoint, type ServiceLike } from './endpoint.ts';
export * from './helm/index.ts';
export {
  type IstioComponent,
  type IstioProfile,
  type IstioProfileFacts,
  isIstioProfile,
  istioComponents,
  istioProfile,
  istioProfileNames,
  istioProfiles,
} from './istio-profiles.ts';
export { isObject, type Json, type JsonObject } from './json.ts';
export { checkDnsLabel, isLayer, Layer, type LayerNamespace, type LayerProps, namespaceOf } from './layer.ts';
export type { ClaimMount, FilesMount, Mount, ScratchMount, SecretMount, VolumeClaim } from './mounts.ts';
export type { ContainerPort, EnvValue, PodProps, Probe } from './pod.ts';
export type { PodResources } from './quantity.ts';
export type { HeadSampling, Sampling, TailPolicy } from './sampling.ts';
export { type AppProtocol, httpProtocols, MeshService, type MeshServiceProps, type ServicePort } from './service.ts';
export type { SidecarChoice, SidecarSettings } from './sidecar.ts';
export { type ImageMirror, type PlatformName, type Site, siteOf } from './site.ts';
export { MeshClaim, StackFile, type StackFileProps } from './stack-file.ts';
export {
  type Forwarded,
  forwardedHeaders,
  isTraceHeaderSetName,
  type TraceHeader,
  type TraceHeaderSet,
  type TraceHeaderSetName,
  traceHeaderSetNames,
  traceHeaders,
  userHeaders,
} from './trace-headers.ts';
export { UserError } from './user-error.ts';
export { VersionedApp, type VersionedAppProps } from './versioned-app.ts';
export { istioHub, repositories, versions } from './versions.ts';
export { type AccessRule, Workload, type WorkloadProps, WorkloadVersion, type WorkloadVersionProps } from './workload.ts';
export { toYaml } from './yaml.ts';
