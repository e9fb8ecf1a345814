import { type ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import {
  ConfigFiles,
  checkDnsLabel,
  type JsonObject,
  namespaceOf,
  type Scraped,
  type ScrapeJob,
  type Watched,
} from '../../kit/index.ts';
import { checkPinned } from '../../kit/pod.ts';
import { allowPrivilegedPods } from '../../kit/pod-security.ts';
import { checkMemory } from '../../kit/quantity.ts';
import { sidecarMarks } from '../../kit/sidecar.ts';
import { type CollectorConfig, componentsOf, spelledFor } from './config.ts';
import { collectorImage } from './distribution.ts';
import { type LogTargets, logExporters } from './logs.ts';
import { goMemoryLimit } from './memory.ts';
import type { CollectorProps } from './options.ts';
import { collectorConfig, healthPort, ownMetricsPort } from './pipeline.ts';
import { memoryLimiter, resourceAttributes } from './processors.ts';
import { usualResources } from './tier.ts';
import { configFile } from './workload.ts';

/** Options of {@link NodeLogs}. */
export interface NodeLogsProps extends Pick<CollectorProps, 'resource' | 'resources' | 'version' | 'image'> {
  /** Where logs go: Loki, collectors; one at least. Each gets every line. */
  readonly logsTo: LogTargets;
  /** Which containers' standard output is read: the mesh's `proxies` (also of gateways, waypoints and ztunnel), or `all`. @default 'proxies' */
  readonly containers?: 'proxies' | 'all';
  /** The DaemonSet's name. A DNS label. @default 'node-logs' */
  readonly name?: string;
}

const logFolder = '/var/log/pods';
const offsets = '/var/lib/otelcol';

/**
 * An OpenTelemetry collector on every node, which reads what containers write to their standard output: a mesh's access log where it goes
 * to `/dev/stdout`, as lines of text or, for links to traces, as `{ format: { json: accessLogFields } }`.
 *
 * The kubelet's files belong to root, so its pods run as root (with no capability, and nothing but its place in the files to write), and
 * the namespace is opened for them (Pod Security level `privileged`). Runtimes that write the CRI form are read: containerd, CRI-O.
 */
export class NodeLogs extends Construct implements Scraped {
  readonly scrapeJobs: readonly ScrapeJob[];
  readonly watched: readonly Watched[];
  /** The DaemonSet, for JSON patches. */
  readonly object: ApiObject;

  /** @throws UserError when a sink comes twice, the image is not pinned, or no released collector can do what is asked */
  constructor(scope: Construct, id: string, props: NodeLogsProps) {
    super(scope, id);
    const { name = 'node-logs', resources = usualResources } = props;
    const where = this.node.path;
    checkDnsLabel(name, `name of '${where}'`);
    checkMemory(resources, where);
    const namespace = namespaceOf(this);
    const written = nodeConfig(props, `${namespace}_${name}-*`, where);
    const image = collectorImage(componentsOf(written), props, where);
    checkPinned(image.image, where);
    const config = new ConfigFiles(this, 'config', {
      name,
      labels: { app: name },
      files: { 'config.yaml': configFile(spelledFor(image.version, written)) },
    });
    const selector = { app: name };
    const metadata = { name, namespace, labels: selector };
    new k8s.KubeServiceAccount(this, 'account', { metadata, automountServiceAccountToken: false });
    this.object = new k8s.KubeDaemonSet(this, 'daemonset', {
      metadata,
      spec: {
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: { ...selector, version: image.version, ...sidecarMarks('never', where).labels },
            annotations: {
              'prometheus.io/scrape': 'true',
              'prometheus.io/port': `${ownMetricsPort}`,
              'meshwright.dev/config-hash': Lazy.any({ produce: () => config.hash }),
            },
          },
          spec: podSpec({ name, image: image.image, goMemory: goMemoryLimit(resources.memoryLimit, where) }, resources),
        },
      },
    });
    allowPrivilegedPods(this);
    this.scrapeJobs = [{ by: 'pod-annotations', job: 'kubernetes-pods', pods: { name, namespace, labels: selector } }];
    this.watched = [{ is: 'collector', name, namespace }];
  }
}

function nodeConfig(props: NodeLogsProps, ownPods: string, where: string): CollectorConfig {
  const { containers = 'proxies', resource = {} } = props;
  const receiver: JsonObject = {
    include: [`${logFolder}/*/${containers === 'proxies' ? 'istio-proxy' : '*'}/*.log`],
    // Its own complaints of a sink that is down would come back to it for ever.
    exclude: [`${logFolder}/${ownPods}/*/*.log`],
    include_file_path: true,
    include_file_name: false,
    start_at: 'end',
    storage: 'file_storage',
    retry_on_failure: { enabled: true },
    operators,
  };
  return collectorConfig(
    {
      signal: 'logs',
      receivers: { file_log: receiver },
      before: {
        memory_limiter: memoryLimiter,
        'transform/pods': serviceOfPod,
        ...(Object.keys(resource).length > 0 ? { resource: resourceAttributes(resource) } : {}),
      },
      sampling: {},
      after: { batch: {} },
      exporters: logExporters(props.logsTo, {}, where),
      connectors: {},
      metricsExporters: {},
      logs: undefined,
    },
    { extensions: { file_storage: { directory: offsets } } },
    where,
  );
}

// The collector takes `$$` for a dollar sign.
const traceId = 'attributes.trace_id != nil and attributes.trace_id matches "^[0-9a-f]{32}$$"';

/** The CRI form, with pod and container from the file's name; then a line of JSON as attributes, and its trace id as the record's. */
const operators: readonly JsonObject[] = [
  { type: 'container' },
  { type: 'json_parser', if: 'body matches "^{"', on_error: 'send_quiet' },
  { type: 'trace_parser', if: traceId, trace_id: { parse_from: 'attributes.trace_id' }, on_error: 'send_quiet' },
  // The record has it now; and `-` is none, though Grafana would lead from it to a trace.
  { type: 'remove', if: `${traceId} or attributes.trace_id == "-"`, field: 'attributes.trace_id', on_error: 'send_quiet' },
];

/**
 * The service by the name of its pod, without what a Deployment or DaemonSet appends to theirs: so proxies are called as in the access log
 * that they send themselves.
 */
const serviceOfPod: JsonObject = {
  error_mode: 'ignore',
  log_statements: [
    {
      context: 'resource',
      statements: [
        'set(attributes["service.name"], attributes["k8s.pod.name"]) where attributes["service.name"] == nil',
        // The characters of which Kubernetes makes suffixes (apimachinery, util/rand).
        'replace_pattern(attributes["service.name"], "(-[bcdfghjklmnpqrstvwxz2456789]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}$$", "")',
      ],
    },
  ],
};

function podSpec(
  { name, image, goMemory }: { readonly name: string; readonly image: string; readonly goMemory: string },
  { cpu, memory, memoryLimit }: NonNullable<NodeLogsProps['resources']>,
): k8s.PodSpec {
  const quantity = k8s.Quantity.fromString;
  const health = { httpGet: { path: '/', port: k8s.IntOrString.fromNumber(healthPort) } };
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    // Every node: also those of the control plane.
    tolerations: [{ operator: 'Exists' }],
    securityContext: { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image,
        args: ['--config=/etc/otelcol/config.yaml'],
        env: [{ name: 'GOMEMLIMIT', value: goMemory }],
        ports: [{ name: 'http-metrics', containerPort: ownMetricsPort }],
        readinessProbe: { ...health, periodSeconds: 5 },
        livenessProbe: { ...health, initialDelaySeconds: 10 },
        resources: {
          requests: { cpu: quantity(cpu), memory: quantity(memory) },
          limits: { memory: quantity(memoryLimit) },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        volumeMounts: [
          { name: 'config', mountPath: '/etc/otelcol', readOnly: true },
          { name: 'pods', mountPath: logFolder, readOnly: true },
          { name: 'offsets', mountPath: offsets },
        ],
      },
    ],
    volumes: [
      { name: 'config', configMap: { name } },
      { name: 'pods', hostPath: { path: logFolder } },
      { name: 'offsets', hostPath: { path: `/var/lib/${name}`, type: 'DirectoryOrCreate' } },
    ],
  };
}
