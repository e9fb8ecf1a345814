import { eachObject } from '../../each-object.ts';
import { at } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';
import { literalsIn } from './literals.ts';
import { isEncrypted } from './sec001-plain-secret.ts';

export const chartValues: Rule = {
  code: 'SEC002',
  title: 'a credential in the values of a chart or resource',
  severity: 'error',
  run: eachObject(faults),
  docs: {
    cause:
      'The values of a HelmRelease, or a Grafana, GrafanaDatasource or IstioOperator, state a password, token or key: `adminPassword`, `secretKey`, `clientSecret` and the like. Whoever may read the repository has it. Variables, templates and empty values are fine, and so is what stands beside `existingSecret`.',
    fix: 'Name a Secret (`existingSecret`), or take the value from one with `valuesFrom`.',
    example: 'kind: HelmRelease   # of chart kube-prometheus-stack\nspec: {values: {grafana: {adminPassword: prom-operator}}}',
  },
};

// Where kinds keep what people fill in.
const PLACES: ReadonlyMap<string, Path> = new Map([
  ['helm.toolkit.fluxcd.io/HelmRelease', ['spec', 'values']],
  ['grafana.integreatly.org/Grafana', ['spec', 'config']],
  ['grafana.integreatly.org/GrafanaDatasource', ['spec', 'datasource']],
  ['install.istio.io/IstioOperator', ['spec', 'values']],
  ['argoproj.io/Application', ['spec', 'source', 'helm', 'valuesObject']],
]);

function faults(object: ProofObject): Fault[] {
  const place = PLACES.get(`${object.group}/${object.kind}`);
  if (!place || isEncrypted(object)) return [];
  return literalsIn(at(object.json, ...place), place).map(({ path, key }) => ({
    at: spotOf(object, path),
    message: `states ${key} in plain text`,
    hint:
      object.kind === 'HelmRelease'
        ? 'name a Secret (existingSecret), or take it from one with valuesFrom'
        : 'take it from a Secret',
    cause: `credential in ${object.id} ${object.origin.file ?? ''} ${path.join('.')}`,
  }));
}
