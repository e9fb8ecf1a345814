import { remember } from '../../../kit/remember.ts';
import { fields, items, strings, text } from '../../json-path.ts';
import { templateOf } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';
import { hasSchema, isPlaceholder, schemaFaults } from './schema.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
// RFC 1035: a Service's name becomes a DNS name that may not begin with a digit.
const SERVICE_NAME = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
// A file name: mounted, each key is one.
const DATA_KEY = /^(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;
// IANA service name, which container ports need: 15 characters with at least one letter.
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

export const name: Rule = {
  code: 'OBJ006',
  title: 'a name, label or annotation key that Kubernetes refuses',
  severity: 'error',
  run: (model) => [...schemaFaults(model, 'naming'), ...model.objects.flatMap(nameFaults)],
  docs: {
    cause:
      'Names are lower case letters, digits and `-` (RFC 1123), Service names begin with a letter (RFC 1035), label values have at most 63 characters, names of container ports at most 15, keys of a ConfigMap or Secret are file names. The API server refuses anything else.',
    fix: 'Shorten or respell the name.',
    example: 'kind: Service\nmetadata: {name: Reviews_V1}',
  },
};

/** The nearest name that is allowed, as far as writing it small and with `-` does it. */
function respelt(name: string, allowed: RegExp): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return allowed.test(plain) ? `write "${plain}"` : 'shorten or respell it';
}

const nameFaults = remember((object: ProofObject): readonly Fault[] => {
  const { json, kind, group } = object;
  const faults: Fault[] = [];
  const judge = (path: Path, name: string | undefined, allowed: RegExp, rule: string) => {
    if (name === undefined || allowed.test(name) || isPlaceholder(name)) return;
    faults.push({ at: spotOf(object, path), message: `"${name}" is not allowed: ${rule}`, hint: respelt(name, allowed) });
  };
  const check = (path: Path, allowed: RegExp, rule: string) => judge(path, text(json, ...path), allowed, rule);
  const place: Path = ['metadata', 'name'];
  if (group === '' && kind === 'Service' && SUBDOMAIN.test(object.name)) {
    check(place, SERVICE_NAME, 'a Service name has at most 63 lower case letters, digits and -, and begins with a letter');
  }
  if (group === '' && kind === 'Namespace' && SUBDOMAIN.test(object.name))
    check(place, LABEL, 'a Namespace name has at most 63 lower case letters, digits and -');
  if (group === '' && kind === 'Service') {
    for (const i of items(json, 'spec', 'ports').keys())
      check(['spec', 'ports', i, 'name'], LABEL, 'the name of a Service port has at most 63 lower case letters, digits and -');
  }
  if (group === '' && (kind === 'ConfigMap' || kind === 'Secret')) {
    for (const field of ['data', 'binaryData', 'stringData'])
      for (const key of Object.keys(fields(json, field)))
        judge([field, key], key, DATA_KEY, 'a key has at most 253 letters, digits, -, _ and .');
  }
  const template = templateOf(object);
  if (template) {
    for (const list of ['containers', 'initContainers']) {
      for (const [i, container] of items(json, ...template, 'spec', list).entries()) {
        const at = [...template, 'spec', list, i];
        check([...at, 'name'], LABEL, 'a container name has at most 63 lower case letters, digits and -');
        for (const j of items(container, 'ports').keys()) {
          check(
            [...at, 'ports', j, 'name'],
            PORT_NAME,
            'the name of a container port has at most 15 lower case letters, digits and -',
          );
        }
      }
    }
  }
  // Kinds with a schema had their metadata checked by it.
  if (hasSchema(`${group === '' ? '' : `${group}/`}${object.version}`, kind)) return faults;
  check(place, SUBDOMAIN, 'a name is lower case letters, digits, - and .');
  for (const key of strings(json, 'metadata', 'labels').keys()) {
    check(['metadata', 'labels', key], LABEL_VALUE, 'a label value has at most 63 letters, digits, -, _ and .');
  }
  return faults;
});
