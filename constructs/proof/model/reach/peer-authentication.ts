import { groupBy } from '../../group-by.ts';
import { at, fields, items, text } from '../../json-path.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import { matchesSelector } from './label-selector.ts';
import type { Pods } from './pods.ts';

/** What a proxy takes in. `unknown` where several policies of one level differ. */
export interface MtlsMode {
  readonly mode: 'STRICT' | 'PERMISSIVE' | 'DISABLE' | 'unknown';
  /** The policy that says so. */
  readonly at?: Spot;
}

/**
 * Tells which mode holds for a container port of some pods: that of the port, else of the workload, its namespace, the mesh; by default
 * PERMISSIVE (Istio 1.30, PeerAuthentication). It means nothing for pods outside the mesh.
 */
export function mtlsModes(objects: readonly ProofObject[], rootNamespace: string): (pods: Pods, port: number) => MtlsMode {
  const byNamespace = groupBy(
    objects.filter(({ kind, group }) => kind === 'PeerAuthentication' && group === 'security.istio.io'),
    (object) => object.namespace,
  );
  return (pods, port) => {
    const own = byNamespace.get(pods.namespace) ?? [];
    const narrow = own.filter((one) => selectorOf(one) !== undefined);
    const certain = narrow.filter((one) => matchesSelector(selectorOf(one), pods.labels) === 'yes');
    const open = narrow.some((one) => matchesSelector(selectorOf(one), pods.labels) === 'maybe');
    const levels = [
      certain.map((object) => statement(object, ['spec', 'portLevelMtls', `${port}`, 'mode'])),
      certain.map((object) => statement(object, ['spec', 'mtls', 'mode'])),
      wide(own).map((object) => statement(object, ['spec', 'mtls', 'mode'])),
      wide(byNamespace.get(rootNamespace) ?? []).map((object) => statement(object, ['spec', 'mtls', 'mode'])),
    ];
    if (open) return { mode: 'unknown' };
    for (const level of levels) {
      const said = level.flatMap((one) => one ?? []);
      const [first] = said;
      if (first) return said.every((one) => one.mode === first.mode) ? first : { mode: 'unknown' };
    }
    return { mode: 'PERMISSIVE' };
  };
}

function statement(object: ProofObject, path: Path): MtlsMode | undefined {
  const mode = text(object.json, ...path);
  return mode === 'STRICT' || mode === 'PERMISSIVE' || mode === 'DISABLE' ? { mode, at: spotOf(object, path) } : undefined;
}

function selectorOf(object: ProofObject) {
  const selector = at(object.json, 'spec', 'selector');
  return Object.keys(fields(selector, 'matchLabels')).length > 0 ? selector : undefined;
}

/** Those for all pods. A policy for a Gateway or waypoint (targetRefs) is none. */
function wide(objects: readonly ProofObject[]): readonly ProofObject[] {
  return objects.filter((object) => selectorOf(object) === undefined && items(object.json, 'spec', 'targetRefs').length === 0);
}
