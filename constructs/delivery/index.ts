export { FluxDelivery, type FluxDeliveryProps } from './flux/delivery.ts';
export type { DeletionPolicy } from './flux/kustomization.ts';
export {
  type ExistingSource,
  type FluxSource,
  type GitReference,
  type GitRepositoryOptions,
  gitRepository,
  type MadeSource,
  type OciReference,
  type OciRepositoryOptions,
  ociRepository,
} from './flux/source.ts';
export type { Ledger, LedgerChart, LedgerImage } from './mirror/ledger.ts';
export { type Output, outputOf } from './outdir.ts';
export { type PublishReport, publish } from './publish.ts';
export type { Edge, RenderedFile, RenderedLayer, RenderedObject, RenderedStack } from './rendered.ts';
export { ExternalSecret, type ExternalSecretProps, type RemoteKey, type SecretStore } from './secrets/external-secret.ts';
export { SopsSecret, type SopsSecretProps } from './secrets/sops-secret.ts';
export { clusterObjectsOnly, renderTree } from './tree.ts';
