import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { IConstruct } from 'constructs';
import type { Page } from '../kit/capabilities.ts';
import { isObject, type JsonObject } from '../kit/json.ts';
import { stackOf } from '../kit/stack-of.ts';
import { UserError } from '../kit/user-error.ts';
import { serviceOf } from './pages.ts';

/** The pods that answer a page: what a Service of another type needs, as it leads to pods and not to another Service. */
export interface PodsBehind {
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>>;
  /** The container's port, by number or by name. */
  readonly targetPort: k8s.IntOrString;
}

/**
 * Finds the pods behind a page by its Service, which must be an object of the same stack.
 *
 * @throws UserError when it is not (a chart or an operator makes it), or it selects no pods
 */
export function podsBehind(scope: IConstruct, page: Page): PodsBehind {
  const { path } = scope.node;
  const { name, namespace } = serviceOf(page, path);
  const service = stackOf(scope)
    .node.findAll()
    .find(
      (one): one is ApiObject =>
        ApiObject.isApiObject(one) &&
        one.kind === 'Service' &&
        one.apiVersion === 'v1' &&
        one.name === name &&
        (one.metadata.namespace ?? one.chart.namespace) === namespace,
    );
  if (!service) {
    throw new UserError(
      `page '${page.name}' cannot be published by '${path}': no object of this stack is its Service '${name}' in namespace '${namespace}', ` +
        `so nobody here knows its pods (a chart or an operator makes it): publish it by a gateway or an ingress`,
    );
  }
  const json: unknown = service.toJson();
  const spec = isObject(json) && isObject(json.spec) ? json.spec : {};
  const selector = isObject(spec.selector) ? stringsOf(spec.selector) : {};
  if (Object.keys(selector).length === 0)
    throw new UserError(
      `page '${page.name}' cannot be published by '${path}': its Service '${name}' in namespace '${namespace}' selects no pods`,
    );
  const ports = Array.isArray(spec.ports) ? spec.ports.filter(isObject) : [];
  const target = ports.find((one) => one.port === page.endpoint.port)?.targetPort;
  return {
    namespace,
    selector,
    targetPort:
      typeof target === 'string'
        ? k8s.IntOrString.fromString(target)
        : k8s.IntOrString.fromNumber(typeof target === 'number' ? target : page.endpoint.port),
  };
}

function stringsOf(json: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(json).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])));
}
