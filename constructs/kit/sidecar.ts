import { checkPort } from './endpoint.ts';
import { checkDnsLabel } from './layer.ts';
import type { EnvValue } from './pod.ts';
import { bytesOf, checkMemory } from './quantity.ts';
import { UserError } from './user-error.ts';

/** What a pod says about its own sidecar (Istio 1.30, resource annotations and "Custom templates"). Left out: as the mesh has it. */
export interface SidecarSettings {
  /**
   * The revision or tag that injects it: label `istio.io/rev`. Istio reads it only in a namespace that is enrolled in no way; one that
   * is enrolled decides for its pods.
   */
  readonly revision?: string;
  /** The templates laid over the pod, in order: Istio's own first, then the mesh's `injectionTemplates`. */
  readonly templates?: readonly ['sidecar' | 'gateway', ...string[]];
  /** The proxy's image, with its registry and a tag other than latest, or a digest. */
  readonly image?: string;
  /** Kubernetes quantities. A pod that sets one of them loses the mesh's others. */
  readonly resources?: {
    readonly cpu?: string;
    readonly memory?: string;
    readonly cpuLimit?: string;
    readonly memoryLimit?: string;
  };
  /** How much the proxy logs. */
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'off';
  /** Ports of others that this pod calls past its sidecar: no mutual TLS, no spans. */
  readonly excludeOutboundPorts?: readonly number[];
  /** Ports of this pod that others reach past its sidecar. */
  readonly excludeInboundPorts?: readonly number[];
  /** The app's container starts when the proxy is ready. A native sidecar does so anyway. */
  readonly holdApplicationUntilProxyStarts?: boolean;
  /** Whether it runs as a native sidecar: an init container that keeps running, and ends after the app. @default from Kubernetes 1.33 on */
  readonly nativeSidecar?: boolean;
  /** What the pod says of the container `istio-proxy` itself; the rest is injected. */
  readonly container?: {
    readonly env?: Readonly<Record<string, EnvValue>>;
    /** Run before the proxy is told to end, e.g. ['sleep', '10']. */
    readonly preStop?: readonly string[];
  };
}

/**
 * Whether pods join the mesh, and how. You can pass one of:
 * - `'never'`: not in any namespace, sidecar or ambient;
 * - `'always'`: with a sidecar, by label. Istio looks at it in namespaces that are not enrolled; `istio-injection=disabled` wins over it;
 * - settings for the sidecar that the namespace's enrolment (or `revision`) gives it.
 */
export type SidecarChoice = 'never' | 'always' | SidecarSettings;

/** @internal */
export interface SidecarMarks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The labels and annotations that say it. Ambient mode has no sidecar to leave out, and a label of its own.
 *
 * @throws UserError when a setting is malformed
 * @internal
 */
export function sidecarMarks(choice: SidecarChoice | undefined, path: string): SidecarMarks {
  if (choice === undefined) return { labels: {}, annotations: {} };
  if (choice === 'always') return { labels: { 'sidecar.istio.io/inject': 'true' }, annotations: {} };
  if (choice === 'never')
    return { labels: { 'sidecar.istio.io/inject': 'false', 'istio.io/dataplane-mode': 'none' }, annotations: {} };
  checkSettings(choice, path);
  const { revision, templates, resources = {}, holdApplicationUntilProxyStarts: hold, nativeSidecar } = choice;
  const annotations = {
    'inject.istio.io/templates': templates?.join(','),
    'proxy.istio.io/config': hold === undefined ? undefined : JSON.stringify({ holdApplicationUntilProxyStarts: hold }),
    'sidecar.istio.io/logLevel': choice.logLevel,
    'sidecar.istio.io/nativeSidecar': nativeSidecar === undefined ? undefined : String(nativeSidecar),
    'sidecar.istio.io/proxyCPU': resources.cpu,
    'sidecar.istio.io/proxyCPULimit': resources.cpuLimit,
    'sidecar.istio.io/proxyImage': choice.image,
    'sidecar.istio.io/proxyMemory': resources.memory,
    'sidecar.istio.io/proxyMemoryLimit': resources.memoryLimit,
    'traffic.sidecar.istio.io/excludeInboundPorts': choice.excludeInboundPorts?.join(','),
    'traffic.sidecar.istio.io/excludeOutboundPorts': choice.excludeOutboundPorts?.join(','),
  };
  return {
    labels: revision === undefined ? {} : { 'istio.io/rev': revision },
    annotations: Object.fromEntries(
      Object.entries(annotations).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

function checkSettings(choice: SidecarSettings, path: string): void {
  const { revision, templates, image, resources = {}, excludeInboundPorts = [], excludeOutboundPorts = [], container } = choice;
  if (Object.keys(choice).length === 0)
    throw new UserError(`sidecar of '${path}' is { }: set at least one of its settings, or leave it out`);
  if (revision !== undefined) checkDnsLabel(revision, `sidecar.revision of '${path}'`);
  if (templates) checkTemplateNames(templates, path);
  // Without a slash Istio puts the mesh's hub and tag around it.
  if (image !== undefined && !/\/.+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image)) {
    throw new UserError(
      `sidecar.image ${JSON.stringify(image)} of '${path}' is not pinned: give it a registry and a tag other than latest, or a digest`,
    );
  }
  const { cpu, cpuLimit, memory, memoryLimit } = resources;
  for (const [name, value] of Object.entries({ cpu, cpuLimit })) {
    if (value !== undefined && !/^(\d+m|\d+(\.\d+)?)$/.test(value))
      throw new UserError(`sidecar.resources.${name} of '${path}' is ${JSON.stringify(value)}: allowed are e.g. '100m' and '2'`);
  }
  for (const [name, value] of Object.entries({ memory, memoryLimit })) {
    if (value !== undefined && bytesOf(value) === undefined)
      throw new UserError(
        `sidecar.resources.${name} of '${path}' is ${JSON.stringify(value)}: allowed are e.g. '128Mi' and '1Gi'`,
      );
  }
  if (memory !== undefined) checkMemory({ memory, ...(memoryLimit === undefined ? {} : { memoryLimit }) }, `${path} (sidecar)`);
  for (const port of [...excludeInboundPorts, ...excludeOutboundPorts]) checkPort(port);
  if (container && Object.keys(container.env ?? {}).length === 0 && !container.preStop?.length)
    throw new UserError(`sidecar.container of '${path}' says nothing: give it env or preStop, or leave it out`);
}

function checkTemplateNames(templates: readonly string[], path: string): void {
  const [first = ''] = templates;
  if (first !== 'sidecar' && first !== 'gateway') {
    throw new UserError(
      `sidecar.templates of '${path}' begin with ${JSON.stringify(first)}: begin with 'sidecar' (or 'gateway'), the others are laid over it`,
    );
  }
  for (const name of templates) checkDnsLabel(name, `a name among sidecar.templates of '${path}'`);
}
