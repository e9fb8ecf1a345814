import { suggest } from '../../../kit/nearest.ts';
import { remember } from '../../../kit/remember.ts';
import { at, items, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import type { Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, spotOf } from '../../types.ts';
import { missingConfigFiles } from './config-file.ts';
import { misplacedFiles } from './mounted-files.ts';

// Made in every namespace by Kubernetes and istiod.
const ALWAYS_THERE: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ['kube-root-ca.crt', 'istio-ca-root-cert', 'istio-ca-crl'],
  ServiceAccount: ['default'],
  PersistentVolumeClaim: [],
};

export const podReferences: Rule = {
  code: 'REF011',
  title: 'a pod names a ServiceAccount, ConfigMap, file or volume claim that does not exist',
  severity: 'error',
  run: (model) => {
    const generated = new Set(model.world.generated);
    const names = new Map<string, Set<string>>();
    for (const kind of Object.keys(ALWAYS_THERE)) {
      for (const object of model.kind(kind)) {
        const key = `${kind}/${object.namespace}`;
        names.set(key, (names.get(key) ?? new Set()).add(object.name));
      }
    }
    const references = model.workloads
      .filter((workload) => model.isKnown(workload.namespace))
      .flatMap((workload) =>
        referencesOf(workload).flatMap(({ kind, name, path }): Fault[] => {
          const there = names.get(`${kind}/${workload.namespace}`) ?? new Set<string>();
          if (there.has(name) || ALWAYS_THERE[kind]?.includes(name) === true || generated.has(name)) return [];
          // Files of which none holds such an object may leave it to others; a synth holds all.
          if (there.size === 0 && workload.object.origin.construct === null) return [];
          if (isMadeElsewhere(model, kind, name, workload)) return [];
          return [
            {
              at: spotOf(workload.object, path),
              message: `there is no ${kind} ${name} in namespace ${workload.namespace}`,
              hint: suggest(name, there, `add ${kind} ${name}`),
              cause: `${kind} ${workload.namespace}/${name}`,
            },
          ];
        }),
      );
    return [...references, ...missingConfigFiles(model), ...misplacedFiles(model)];
  },
  docs: {
    cause:
      'A pod template names a ServiceAccount, ConfigMap or PersistentVolumeClaim that its namespace does not have, though the input shows others of the kind there. The pods never start. Or a collector or backend is started with `--config` for a file that the ConfigMap mounted there does not hold. Secrets are not looked at: they are rightly made elsewhere.',
    fix: 'Correct the name or add the object; mark a ConfigMap that may be missing `optional: true`.',
    example: 'spec:\n  serviceAccountName: bookinfo-review   # the account is bookinfo-reviews',
  },
};

interface Reference {
  readonly kind: 'ServiceAccount' | 'ConfigMap' | 'PersistentVolumeClaim';
  readonly name: string;
  readonly path: Path;
}

const referencesOf = remember(({ object, podSpec }: Workload): readonly Reference[] => {
  if (!podSpec) return [];
  const found: Reference[] = [];
  const add = (kind: Reference['kind'], path: Path, optional: unknown) => {
    const name = text(object.json, ...path);
    if (name !== undefined && optional !== true) found.push({ kind, name, path });
  };
  const configMap = (path: Path, key: string) => add('ConfigMap', [...path, key], at(object.json, ...path, 'optional'));
  add('ServiceAccount', [...podSpec, 'serviceAccountName'], false);
  for (const i of items(object.json, ...podSpec, 'volumes').keys()) {
    const volume = [...podSpec, 'volumes', i];
    configMap([...volume, 'configMap'], 'name');
    add('PersistentVolumeClaim', [...volume, 'persistentVolumeClaim', 'claimName'], false);
    for (const j of items(object.json, ...volume, 'projected', 'sources').keys())
      configMap([...volume, 'projected', 'sources', j, 'configMap'], 'name');
  }
  for (const list of ['containers', 'initContainers']) {
    for (const i of items(object.json, ...podSpec, list).keys()) {
      const container = [...podSpec, list, i];
      for (const j of items(object.json, ...container, 'envFrom').keys())
        configMap([...container, 'envFrom', j, 'configMapRef'], 'name');
      for (const j of items(object.json, ...container, 'env').keys())
        configMap([...container, 'env', j, 'valueFrom', 'configMapKeyRef'], 'name');
    }
  }
  return found;
});

/** istiod makes accounts for gateways; a ConfigMap may come with an install that the input only hints at. */
function isMadeElsewhere(model: Model, kind: string, name: string, { namespace }: Workload): boolean {
  if (kind === 'ConfigMap' && /^istio(-|$)/.test(name)) return true;
  return kind === 'ServiceAccount' && model.services.get(namespace, name)?.created === true;
}
