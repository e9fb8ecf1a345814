import { isObject, type JsonObject } from '../../constructs/kit/json.ts';
import { modelOf, readWorlds } from '../../constructs/proof/index.ts';
import { type Cluster, kubectl } from './cluster.ts';
import { linesOf } from './run.ts';
import { type Stack, type StackObject, stackObject } from './stack.ts';
import { type Outcome, skipped, verdict } from './tally.ts';

/**
 * What the OpenTelemetry operator would make of a stack's collectors, as far as proxies see it: a Deployment and its Service
 * (operator 0.158, names and labels; the ports as the proof reads them).
 */
export function madeByOperator(stack: Stack): StackObject[] {
  const collectors = stack.objects.filter(({ kind }) => kind === 'OpenTelemetryCollector');
  const [world] = collectors.length > 0 ? readWorlds([stack.folder]) : [];
  if (!world) return [];
  const { services } = modelOf(world);
  return collectors.flatMap(({ name, namespace = 'default', json }) => {
    const { ports } = services.get(namespace, `${name}-collector`) ?? { ports: 'unknown' as const };
    if (ports === 'unknown') return [];
    const metadata = { name: `${name}-collector`, namespace };
    const labels = {
      'app.kubernetes.io/instance': `${namespace}.${name}`,
      'app.kubernetes.io/component': 'opentelemetry-collector',
    };
    const image = isObject(json.spec) && typeof json.spec.image === 'string' ? json.spec.image : 'collector';
    const deployment: JsonObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'otc-container', image }] } },
      },
    };
    const service: JsonObject = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: labels,
        ports: ports.map(({ number, name: port, appProtocol }) => ({
          name: port,
          port: number,
          ...(appProtocol === '' ? { appProtocol: 'tcp' } : { appProtocol }),
        })),
      },
    };
    return [stackObject(deployment), stackObject(service)];
  });
}

/** Stands in for the operator on the rig, which has none: makes what it would make. */
export async function standInForOperator(cluster: Cluster, objects: readonly StackObject[]): Promise<Outcome[]> {
  if (!cluster.rig || objects.length === 0) return [];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects.map(({ json }) => json) });
  const { code, stderr } = await kubectl(
    cluster,
    ['apply', '--server-side', '--field-manager=meshwright-conformance', '-f', '-'],
    { input },
  );
  if (code !== 0) return [verdict("the operator's objects", linesOf(stderr))];
  return [
    skipped(
      'OpenTelemetry operator',
      'the rig has none: a Deployment and a Service stand in for what it makes of each collector',
    ),
  ];
}
