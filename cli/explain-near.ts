import { nearest } from '../constructs/kit/nearest.ts';
import type { TrafficRequest } from '../constructs/proof/explain/index.ts';
import { valuesOf } from '../constructs/proof/explain/narrow/text.ts';
import type { SourceFile } from '../constructs/proof/read/source.ts';
import { partsOf } from '../constructs/proof/read/yaml.ts';

/** Kinds that say for which hosts they are. */
const HOSTED = /^kind:[ \t]*["']?(Gateway|VirtualService|ServiceEntry|HTTPRoute|GRPCRoute|TLSRoute|Ingress)\b/m;

/**
 * The host that a person most likely meant by one that nobody has: a name with a letter wrong, or that of a Service in another
 * namespace. Undefined when the texts have the host itself, or none that is near. It reads the texts no further than it must, since a
 * host outside the mesh is no mistake.
 */
export function nearHost(texts: readonly SourceFile[], { host, from }: TrafficRequest): string | undefined {
  const asked = host.toLowerCase().replace(/(\.svc(\.cluster\.local)?)?\.?(:\d+)?$/, '');
  const parts = texts.flatMap(({ source }) => partsOf(source));
  const services = parts.flatMap((text) => (/^kind:[ \t]*["']?Service\b/m.test(text) ? serviceOf(text) : []));
  if (!asked.includes('.')) {
    const name = services.some((one) => one.name === asked)
      ? asked
      : nearest(asked, [...new Set(services.map((one) => one.name))]);
    const found = services.filter((one) => one.name === name);
    const near = from === undefined || found.some((one) => one.namespace === from.namespace);
    return near || found.length === 0 ? (name === asked ? undefined : name) : full(found[0]);
  }
  const known = [...services.map(full), ...parts.flatMap((text) => (HOSTED.test(text) ? hostsIn(text) : []))];
  return known.includes(asked) ? undefined : nearest(asked, [...new Set(known)]);
}

interface ServiceName {
  readonly name: string;
  readonly namespace: string | undefined;
}

function full(service: ServiceName | undefined): string {
  return service?.namespace === undefined ? (service?.name ?? '') : `${service.name}.${service.namespace}`;
}

function serviceOf(text: string): ServiceName[] {
  const metadata = /^metadata:[ \t]*(\{[^}]*\}|(?:\n[ \t]+.*)+)/m.exec(text)?.[1] ?? '';
  const [name, namespace] = ['name', 'namespace'].map(
    (key) => new RegExp(`(?:^[ \\t]*|[{,][ \\t]*)${key}:[ \\t]*["']?([^\\s"',}]+)`, 'm').exec(metadata)?.[1],
  );
  return name === undefined ? [] : [{ name, namespace }];
}

/** The namespace that a person most likely meant by one of which the texts know nothing. */
export function nearNamespace(texts: readonly SourceFile[], { from }: TrafficRequest): string | undefined {
  if (!from) return undefined;
  const known = new Set(texts.flatMap(({ source }) => [...valuesOf('namespace', source), ...namespaceNames(source)]));
  const near = known.has(from.namespace) ? undefined : nearest(from.namespace, known);
  return near === undefined ? undefined : `namespace ${near}`;
}

function namespaceNames(source: string): string[] {
  const parts = partsOf(source).filter((text) => /^kind:[ \t]*["']?Namespace\b/m.test(text));
  return parts.flatMap((text) => valuesOf('name', text));
}

/** Every word with a dot in it, less those of the line that names the API. */
function hostsIn(text: string): string[] {
  return text.replace(/^apiVersion:.*$/m, '').match(/\b[a-z0-9-]+(\.[a-z0-9-]+)+\b/g) ?? [];
}
