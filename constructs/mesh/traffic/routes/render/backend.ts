import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Destination, DestinationVersion } from '../../../../kit/destination.ts';
import { namespaceOf } from '../../../../kit/layer.ts';
import { MeshService } from '../../../../kit/service.ts';
import { UserError } from '../../../../kit/user-error.ts';
import { serviceName, shownTarget } from '../../names.ts';
import type { Target } from '../target.ts';

/** A Service's port, as the Gateway API names it. */
export interface Backend {
  readonly name: string;
  readonly port: number;
}

/**
 * The Service that stands for a target in the Gateway API, which knows no subsets: a version gets its own, `NAME-VERSION`, made
 * here.
 *
 * @throws UserError when the target is outside the cluster or in another namespace
 */
export function backendOf(scope: Construct, { destination, version, port }: Target, where: string): Backend {
  const name = serviceName(destination);
  if (name === undefined)
    throw new UserError(`${where} sends to ${shownTarget(destination)}, outside the cluster: the Gateway API sends to Services`);
  const namespace = namespaceOf(scope);
  if (destination.namespace !== namespace) {
    throw new UserError(
      `${where} sends to ${shownTarget(destination)} from namespace '${namespace}': the Gateway API needs a ReferenceGrant for that, ` +
        `put the routes into a layer of namespace '${destination.namespace}'`,
    );
  }
  return { name: version ? versionService(scope, name, destination, version).name : name, port };
}

/** One for all routes of a layer: two objects of one name would fight. */
function versionService(scope: Construct, of: string, destination: Destination, version: DestinationVersion): MeshService {
  const chart = Chart.of(scope);
  const name = `${of}-${version.version}`;
  const id = `version-service-${name}`;
  const made = chart.node.tryFindChild(id);
  if (made instanceof MeshService) return made;
  const [first, ...others] = destination.ports;
  if (!first)
    throw new UserError(`${shownTarget(destination)} has no ports, so its version ${version.version} can have no Service`);
  return new MeshService(chart, id, {
    name,
    selector: version.selector,
    ports: [first, ...others],
    labels: { ...version.selector },
  });
}
