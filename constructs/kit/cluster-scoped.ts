import { type ApiObject, JsonPatch } from 'cdk8s';

/**
 * Marks an object as one that lives in no namespace.
 *
 * cdk8s puts its chart's namespace on every object, ClusterRole and Namespace included; an API server refuses or ignores that.
 */
export function clusterScoped<T extends ApiObject>(object: T): T {
  if (object.metadata.namespace !== undefined) object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  return object;
}
