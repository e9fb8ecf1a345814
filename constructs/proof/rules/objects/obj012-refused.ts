import { suggest } from '../../../kit/nearest.ts';
import { eachObject } from '../../each-object.ts';
import { at, items, text } from '../../json-path.ts';
import { templateOf } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';

export const refused: Rule = {
  code: 'OBJ012',
  title: 'a Service or pod that the API server refuses though its schema allows it',
  severity: 'error',
  run: eachObject((object) => [...serviceFaults(object), ...podFaults(object), ...restartFaults(object)]),
  docs: {
    cause:
      'Some rules of Kubernetes are in no schema: ports are 1 to 65535; where a Service has several ports each has a name of its own; a container has an image, and mounts only volumes of its pod; the pods of a Job do not restart for ever.',
    fix: 'Correct the value, or add what is missing.',
    example: 'kind: Service\nspec:\n  ports: [{name: http, port: 80}, {port: 9090}]   # the second has no name',
  },
};

function serviceFaults(object: ProofObject): Fault[] {
  if (object.group !== '' || object.kind !== 'Service') return [];
  const ports = items(object.json, 'spec', 'ports');
  const names = ports.map((port) => text(port, 'name'));
  return ports.flatMap((_, i): Fault[] => {
    const path: Path = ['spec', 'ports', i];
    const numbers = portFaults(object, path, ['port', 'targetPort', 'nodePort']);
    const name = names[i];
    if (name === undefined && ports.length > 1) {
      const hint = 'name it after its protocol, e.g. http-metrics';
      return [...numbers, { at: spotOf(object, path), message: 'has no name, though the Service has several ports', hint }];
    }
    if (name === undefined || names.indexOf(name) === i) return numbers;
    const message = `"${name}" is the name of an earlier port`;
    return [...numbers, { at: spotOf(object, [...path, 'name']), message, hint: 'give each port a name of its own' }];
  });
}

function podFaults(object: ProofObject): Fault[] {
  const template = templateOf(object);
  if (!template) return [];
  const spec = [...template, 'spec'];
  const volumes = [...items(object.json, ...spec, 'volumes').flatMap((volume) => text(volume, 'name') ?? []), ...claims(object)];
  return ['containers', 'initContainers'].flatMap((list) =>
    items(object.json, ...spec, list).flatMap((container, i): Fault[] => {
      const place: Path = [...spec, list, i];
      const ports = items(container, 'ports').flatMap((_, j) =>
        portFaults(object, [...place, 'ports', j], ['containerPort', 'hostPort']),
      );
      const image = at(container, 'image') ?? '';
      const noImage =
        image === '' ? [{ at: spotOf(object, [...place, 'image']), message: 'is missing', hint: 'name an image' }] : [];
      const mounts = items(container, 'volumeMounts').flatMap((mount, j): Fault[] => {
        const name = text(mount, 'name');
        if (name === undefined || volumes.includes(name)) return [];
        const spot = spotOf(object, [...place, 'volumeMounts', j, 'name']);
        const hint = suggest(name, volumes, `add volume ${name} to the pod`);
        return [{ at: spot, message: `the pod has no volume "${name}"`, hint }];
      });
      return [...ports, ...noImage, ...mounts];
    }),
  );
}

// Kubernetes: a Job's pods come to an end, those of everything else never do. Unset is Always.
const ENDS = new Set(['Job', 'CronJob']);
const LASTS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

function restartFaults(object: ProofObject): Fault[] {
  const template = templateOf(object);
  if (!template || !(object.group === 'apps' || object.group === 'batch')) return [];
  const path = [...template, 'spec', 'restartPolicy'];
  const policy = text(object.json, ...path) ?? 'Always';
  const message = `is ${policy}, which a ${object.kind} cannot have`;
  const fault = (hint: string): Fault[] => [{ at: spotOf(object, path), message, hint }];
  if (ENDS.has(object.kind) && policy === 'Always') return fault('set it to Never or OnFailure');
  return LASTS.has(object.kind) && policy !== 'Always' ? fault('leave it out') : [];
}

/** Volumes that a StatefulSet makes for each of its pods. */
function claims({ json, kind }: ProofObject): string[] {
  return kind === 'StatefulSet'
    ? items(json, 'spec', 'volumeClaimTemplates').flatMap((claim) => text(claim, 'metadata', 'name') ?? [])
    : [];
}

function portFaults(object: ProofObject, path: Path, names: readonly string[]): Fault[] {
  return names.flatMap((name) => {
    const value = at(object.json, ...path, name);
    return typeof value !== 'number' || isPort(value) || (value === 0 && ZERO_IS_UNSET.has(name))
      ? []
      : [{ at: spotOf(object, [...path, name]), message: `${value} is no port`, hint: 'a port is a number from 1 to 65535' }];
  });
}

const ZERO_IS_UNSET = new Set(['targetPort', 'nodePort', 'hostPort']);

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 65536;
}
