import type { Call } from '../../model/reach/calls.ts';
import type { Pods } from '../../model/reach/pods.ts';

/** Names in a sentence: `a, b, c and 2 more`. */
export function names(all: readonly string[]): string {
  const distinct = [...new Set(all)].sort();
  const shown = distinct.slice(0, 3);
  if (distinct.length > 3) return `${shown.join(', ')} and ${distinct.length - 3} more`;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? '');
}

/** The senders of a call in words: namespaces for proxies, which are many; the pods themselves for programs. */
export function senders(pods: readonly Pods[]): string {
  const namespaces = new Set(pods.map((one) => one.namespace));
  if (namespaces.size > 1 || pods.length > 3)
    return `pods of namespace${namespaces.size > 1 ? 's' : ''} ${names([...namespaces])}`;
  return `${names(pods.map((one) => one.name))} of namespace ${[...namespaces][0]}`;
}

/** The Service and port of a call: `main-collector.observability:4317`. */
export function target({ service, port }: Pick<Call, 'service' | 'port'>): string {
  return `${service.name}.${service.namespace}:${port}`;
}

/** The first few of several things that are too long for a list: `a, nor b, nor 2 more`. */
export function several(all: readonly string[], between: string): string {
  const distinct = [...new Set(all)];
  const more = distinct.length > 3 ? [`${distinct.length - 3} more`] : [];
  return [...distinct.slice(0, 3), ...more].join(between);
}

/** Ports in words: `port 4317`, `ports 4317 and 16686`. */
export function numbers(ports: readonly number[]): string {
  const distinct = [...new Set(ports)].sort((a, b) => a - b).map(String);
  return distinct.length === 1 ? `port ${distinct[0]}` : `ports ${distinct.slice(0, -1).join(', ')} and ${distinct.at(-1)}`;
}
