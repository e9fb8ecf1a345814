import { Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { SecretKey } from './capabilities.ts';
import type { ConfigFiles } from './config-files.ts';
import { checkPort } from './endpoint.ts';
import { type Mount, volumeMount, volumes } from './mounts.ts';
import { checkMemory } from './quantity.ts';
import { checkSecretKey } from './secret-key.ts';
import { type SidecarChoice, sidecarMarks } from './sidecar.ts';
import { UserError } from './user-error.ts';

/** Where an environment variable gets its value from: text, a field of the pod, or a key of an existing Secret. */
export type EnvValue = string | { readonly field: string } | SecretKey;

/** How the kubelet asks whether the container is well. Times in seconds. */
export type Probe = ({ readonly get: string; readonly port: number } | { readonly run: readonly string[] }) & {
  /** @default 0 */ readonly delay?: number;
  /** @default 10 */ readonly period?: number;
  /** @default 3 */ readonly failures?: number;
};

/** One port that a container listens at. */
export interface ContainerPort {
  readonly name: string;
  readonly port: number;
  /** @default 'TCP' */ readonly transport?: 'TCP' | 'UDP';
}

/** What a pod of one container needs to be told. All else is fixed: it runs as nobody in particular, with no rights. */
export interface PodProps {
  /** With its tag or digest. `latest` is refused: the same manifests would give another program tomorrow. */
  readonly image: string;
  /** The numeric user: kubelet cannot tell from an image's user name that it is not root. */
  readonly user: number;
  /** The numeric group; 0 where an image opens its files to the root group only. @default the user's number */
  readonly group?: number;
  readonly command?: readonly string[];
  /** A function tells them at synth, when other constructs still have a say. */
  readonly args?: readonly string[] | (() => readonly string[]);
  /** A function tells them at synth, when other constructs still have a say. */
  readonly env?: Readonly<Record<string, EnvValue>> | (() => Readonly<Record<string, EnvValue>>);
  readonly ports?: readonly ContainerPort[];
  readonly mounts?: readonly Mount[];
  /** @default none */ readonly startup?: Probe;
  /** @default none */ readonly readiness?: Probe;
  /** @default none */ readonly liveness?: Probe;
  /** Kubernetes quantities. @default 10m CPU and 64Mi memory requested, no limit */
  readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string };
  /** Whether the container may write outside its mounts. @default 'read-only' */
  readonly rootFilesystem?: 'read-only' | 'writable';
  /** Whether its pods join the mesh, and what they say about their sidecar. @default by the namespace's enrolment */
  readonly sidecar?: SidecarChoice;
  /** Labels of the pods besides `app` and `version`. */
  readonly podLabels?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** How long the pod may take to end, in seconds. @default Kubernetes' 30 */
  readonly graceSeconds?: number;
}

/** The annotation that changes with the mounted configuration, so that the pods roll. */
const configHashAnnotation = 'meshwright.dev/config-hash';

/** What surrounds the container: decided by the workload, not by the user. */
interface PodContext {
  /** The construct's path, for messages. */
  readonly path: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  /** Whether the pod talks to the API server. */
  readonly token: boolean;
  readonly restartPolicy?: 'OnFailure' | 'Never';
}

/**
 * A pod that passes the "restricted" Pod Security Standard (Kubernetes 1.33), requests little and mounts no token it does not need.
 *
 * @internal
 */
export function podTemplate(props: PodProps, context: PodContext): k8s.PodTemplateSpec {
  checkPod(props, context.path);
  const mounts = props.mounts ?? [];
  const configs = mounts.flatMap((m) => ('files' in m ? [m.files] : []));
  const marks = sidecarMarks(props.sidecar, context.path);
  const annotations = {
    ...marks.annotations,
    ...props.podAnnotations,
    ...(configs.length > 0 ? { [configHashAnnotation]: Lazy.any({ produce: () => combinedHash(configs) }) } : {}),
  };
  return {
    metadata: {
      labels: { ...context.labels, ...marks.labels, ...props.podLabels },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      serviceAccountName: context.serviceAccount,
      automountServiceAccountToken: context.token,
      ...(context.restartPolicy ? { restartPolicy: context.restartPolicy } : {}),
      ...(props.graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: props.graceSeconds }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: props.user,
        runAsGroup: props.group ?? props.user,
        fsGroup: props.user,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [container(props, context), ...proxyContainer(props, context.path)],
      ...(mounts.length > 0 ? { volumes: volumes(mounts, context.path) } : {}),
    },
  };
}

/**
 * Checks that an image says what it is.
 *
 * @throws UserError when it has no tag or digest, or the tag latest
 * @internal
 */
export function checkPinned(image: string, path: string): void {
  const [, tag] = /(?::([\w.-]+))?(?:@sha256:[0-9a-f]{64})?$/.exec(image) ?? [];
  if (!image.includes('@') && (tag === undefined || tag === 'latest')) {
    throw new UserError(
      `image ${JSON.stringify(image)} of '${path}' is not pinned: give it a tag other than latest, or a digest`,
    );
  }
}

function checkPod({ image, user, ports = [], resources }: PodProps, path: string): void {
  checkPinned(image, path);
  if (resources) checkMemory(resources, path);
  if (!Number.isInteger(user) || user < 1) {
    throw new UserError(`user ${user} of '${path}': allowed are whole numbers from 1, the pod must not run as root`);
  }
  for (const { name, port } of ports) {
    checkPort(port);
    if (!/^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(name)) {
      throw new UserError(
        `name ${JSON.stringify(name)} of container port ${port} of '${path}': allowed are 15 lower-case letters, digits and '-'`,
      );
    }
  }
}

/** The pod's word on the container that Istio injects; image `auto` stands for the injected one. */
function proxyContainer({ sidecar }: PodProps, path: string): k8s.Container[] {
  if (typeof sidecar !== 'object' || !sidecar.container) return [];
  const { env = {}, preStop } = sidecar.container;
  const variables = Object.entries(env).map(([key, value]) => envVar(key, value, path));
  return [
    {
      name: 'istio-proxy',
      image: 'auto',
      ...(variables.length > 0 ? { env: variables } : {}),
      ...(preStop?.length ? { lifecycle: { preStop: { exec: { command: [...preStop] } } } } : {}),
    },
  ];
}

function container(props: PodProps, { name, path }: PodContext): k8s.Container {
  const { cpu, memory, memoryLimit } = props.resources ?? { cpu: '10m', memory: '64Mi' };
  const quantity = k8s.Quantity.fromString;
  return {
    name,
    image: props.image,
    ...(props.command ? { command: [...props.command] } : {}),
    ...(props.args ? { args: typeof props.args === 'function' ? Lazy.any({ produce: props.args }) : [...props.args] } : {}),
    ...environment(props.env ?? {}, path),
    ...(props.ports?.length
      ? {
          ports: props.ports.map((p) => ({
            name: p.name,
            containerPort: p.port,
            ...(p.transport ? { protocol: p.transport } : {}),
          })),
        }
      : {}),
    ...(props.startup ? { startupProbe: probe(props.startup) } : {}),
    ...(props.readiness ? { readinessProbe: probe(props.readiness) } : {}),
    ...(props.liveness ? { livenessProbe: probe(props.liveness) } : {}),
    resources: {
      requests: { cpu: quantity(cpu), memory: quantity(memory) },
      ...(memoryLimit ? { limits: { memory: quantity(memoryLimit) } } : {}),
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: props.rootFilesystem !== 'writable',
    },
    ...(props.mounts?.length
      ? {
          volumeMounts: props.mounts.map(volumeMount),
        }
      : {}),
  };
}

function environment(env: NonNullable<PodProps['env']>, path: string): Pick<k8s.Container, 'env'> {
  const variables = (values: Readonly<Record<string, EnvValue>>) =>
    Object.entries(values).map(([key, value]) => envVar(key, value, path));
  if (typeof env === 'function') return { env: Lazy.any({ produce: () => variables(env()) }) };
  return Object.keys(env).length > 0 ? { env: variables(env) } : {};
}

/** @internal */
export function envVar(name: string, value: EnvValue, path: string): k8s.EnvVar {
  if (typeof value === 'string') return { name, value };
  if ('field' in value) return { name, valueFrom: { fieldRef: { fieldPath: value.field } } };
  checkSecretKey(value, `environment variable ${name} of '${path}'`);
  return { name, valueFrom: { secretKeyRef: { name: value.secret, key: value.key } } };
}

function probe(p: Probe): k8s.Probe {
  return {
    ...('get' in p ? { httpGet: { path: p.get, port: k8s.IntOrString.fromNumber(p.port) } } : { exec: { command: [...p.run] } }),
    ...(p.delay === undefined ? {} : { initialDelaySeconds: p.delay }),
    ...(p.period === undefined ? {} : { periodSeconds: p.period }),
    ...(p.failures === undefined ? {} : { failureThreshold: p.failures }),
  };
}

function combinedHash(configs: readonly ConfigFiles[]): string {
  return [...new Set(configs)].map((c) => c.hash).join('-');
}
