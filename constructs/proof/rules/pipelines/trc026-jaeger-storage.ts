import { suggest } from '../../../kit/nearest.ts';
import { at, fields, text } from '../../json-path.ts';
import type { Component, Pipelines } from '../../model/spans/components.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, Path } from '../../types.ts';
import { componentCause } from './config-faults.ts';

export const jaegerStorage: Rule = {
  code: 'TRC026',
  title: 'Jaeger names a storage that it does not define',
  severity: 'error',
  run: (model) => model.programs.pipelines.flatMap(storageFaults),
  docs: {
    cause:
      'The exporter jaeger_storage_exporter writes to a backend of the extension jaeger_storage, jaeger_query reads from one: both by name. A name that is not under `backends`, or an extension that is not in `service.extensions`, keeps Jaeger from starting. Two different names start, and the page stays empty.',
    fix: 'Use one name, defined under extensions.jaeger_storage.backends.',
    example:
      'extensions:\n  jaeger_storage: {backends: {main: {memory: {max_traces: 100000}}}}\n  jaeger_query: {storage: {traces: main}}\nexporters:\n  jaeger_storage_exporter: {trace_storage: some_storage}   # main',
  },
};

// Where Jaeger 2.20 names a storage.
const QUERY: readonly (readonly [Path, string])[] = [
  [['storage', 'traces'], 'backends'],
  [['storage', 'traces_archive'], 'backends'],
  [['storage', 'metrics'], 'metric_backends'],
];

function storageFaults(pipelines: Pipelines): Fault[] {
  const { components, extensions, partial } = pipelines;
  const storage = components.extensions.get('jaeger_storage');
  const exporters = [...components.exporters.values()].filter((one) => one.type === 'jaeger_storage_exporter');
  const query = components.extensions.get('jaeger_query');
  if (partial || (exporters.length === 0 && !query)) return [];
  const named = [
    ...exporters.map((one) => ({ component: one, path: ['trace_storage'], section: 'backends' })),
    ...(query ? QUERY.map(([path, section]) => ({ component: query, path, section })) : []),
  ].flatMap((one) => {
    const name = text(one.component.value, ...one.path);
    return name === undefined || name.includes('${') ? [] : [{ ...one, name }];
  });
  if (!storage || !extensions.some((ref) => ref.id === 'jaeger_storage')) return unlisted(named[0]?.component, storage);
  const absent = named.filter(({ section, name }) => at(storage.value, section, name) === undefined);
  if (absent.length > 0)
    return absent.map(({ component, path, section, name }) => ({
      at: component.spot(path),
      message: `${component.id} names storage "${name}", which jaeger_storage does not define under ${section}`,
      hint: suggest(name, Object.keys(fields(storage.value, section)), `add it under extensions.jaeger_storage.${section}`),
    }));
  return readsElsewhere(named);
}

function unlisted(user: Component | undefined, storage: Component | undefined): Fault[] {
  if (!user) return [];
  return [
    {
      at: user.at,
      message: `${user.id} needs the extension jaeger_storage, which is ${storage ? 'not in service.extensions' : 'not declared'}`,
      hint: storage
        ? 'add jaeger_storage to service.extensions'
        : 'declare extensions.jaeger_storage with its backends, and name it in service.extensions',
      ...(storage ? { cause: componentCause(storage) } : {}),
    },
  ];
}

/** Written here, read there: nothing to see. */
function readsElsewhere(
  named: readonly { readonly component: Component; readonly path: Path; readonly name: string }[],
): Fault[] {
  const written = new Set(named.flatMap(({ component, name }) => (component.section === 'exporters' ? [name] : [])));
  const read = named.find(({ path }) => path.join('.') === 'storage.traces');
  if (written.size === 0 || !read || written.has(read.name)) return [];
  return [
    {
      at: read.component.spot(read.path),
      message: `jaeger_query reads storage "${read.name}", but spans are written to ${[...written].join(', ')}`,
      hint: `set storage.traces to ${[...written].join(', ')}`,
    },
  ];
}
