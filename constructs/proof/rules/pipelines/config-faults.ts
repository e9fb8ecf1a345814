import type { Component, Pipelines, Section } from '../../model/spans/components.ts';

/** The cause that all faults of one component have in common. */
export function componentCause({ section, id, spot }: Component): string {
  const { object, field } = spot([]);
  return `component ${object.id} ${field} ${section}/${id}`;
}

/** The cause of a name that is used without a declaration. */
export function absentCause({ config }: Pipelines, section: Section, id: string): string {
  return `absent ${config.object.id} ${config.key ?? ''} ${section}/${id}`;
}

/** The names that a list of a pipeline may use: connectors stand among receivers and exporters. */
export function usable({ components }: Pipelines, section: Section): string[] {
  const own = [...components[section].keys()];
  return section === 'receivers' || section === 'exporters' ? [...own, ...components.connectors.keys()] : own;
}

/** Every name that a pipeline or the list of extensions uses, by section; a connector's name stands under receivers, exporters or both. */
export function usedNames({ pipelines, extensions }: Pipelines): Readonly<Record<Section, ReadonlySet<string>>> {
  const all = [...pipelines.values()];
  const receivers = new Set(all.flatMap((one) => one.receivers.map((ref) => ref.id)));
  const exporters = new Set(all.flatMap((one) => one.exporters.map((ref) => ref.id)));
  return {
    receivers,
    exporters,
    processors: new Set(all.flatMap((one) => one.processors.map((ref) => ref.id))),
    connectors: new Set([...receivers, ...exporters]),
    extensions: new Set(extensions.map((ref) => ref.id)),
  };
}
