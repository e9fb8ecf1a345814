import { checkDnsLabel, type JsonObject, toYaml, UserError } from '../kit/index.ts';
import type { Install } from './install/install.ts';

/**
 * What is laid over an injected pod, by the template's name. You can pass one of:
 * - an object: a part of a Pod, e.g. `{ metadata: { labels: { team: 'shop' } } }`;
 * - text: the same as YAML, in which Go template code may stand (Istio 1.30, "Custom templates").
 *
 * The container `istio-proxy` is among `initContainers` where it is a native sidecar (by itself from Kubernetes 1.33 on), else among
 * `containers`. Named in the wrong list it is one more container, without an image, and the API server refuses the pod: ask
 * `.NativeSidecars` in a text, or let pods say `sidecar: { nativeSidecar }`.
 */
export type InjectionTemplates = Readonly<Record<string, JsonObject | string>>;

/** Istio's own (Istio 1.30, istio-discovery chart). */
const builtIn: readonly string[] = [
  'sidecar',
  'gateway',
  'grpc-simple',
  'grpc-agent',
  'waypoint',
  'kube-gateway',
  'agentgateway',
];

/** @throws UserError for a name that is malformed or Istio's own, and for an install that this program does not write */
export function checkTemplates(templates: InjectionTemplates, install: Install, path: string): void {
  const names = Object.keys(templates);
  if (names.length > 0 && install.by === 'existing') {
    throw new UserError(
      `mesh '${path}' is installed already, so its injection templates (${names.join(', ')}) would go nowhere: leave injectionTemplates out, or install by 'istioctl', 'helm' or 'sail'`,
    );
  }
  for (const name of names) {
    checkDnsLabel(name, `name of an injection template of mesh '${path}'`);
    if (builtIn.includes(name))
      throw new UserError(`injection template '${name}' of mesh '${path}' would replace Istio's own: give it another name`);
  }
}

/** The values of the istio-discovery chart; nothing without templates. */
export function templateValues(templates: InjectionTemplates): JsonObject {
  const entries = Object.entries(templates);
  if (entries.length === 0) return {};
  const texts = entries.map(([name, template]) => [name, typeof template === 'string' ? template : toYaml(template)]);
  return { sidecarInjectorWebhook: { templates: Object.fromEntries(texts) } };
}
