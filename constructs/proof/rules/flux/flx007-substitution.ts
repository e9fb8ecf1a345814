import { nearest } from '../../../kit/nearest.ts';
import { rolloutOf, type Step } from '../../model/flux/steps.ts';
import type { Model } from '../../model/model.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, type ProofObject, spotOf } from '../../types.ts';
import { doubledIn, type Substitution, substitutionOf, type Variable, variablesIn } from './substitution.ts';

export const substitution: Rule = {
  code: 'FLX007',
  title: 'Flux would replace a variable that is not set',
  severity: 'error',
  run: (model) => rolloutOf(model).steps.flatMap((step) => faultsIn(model, step)),
  docs: {
    cause: `A Flux Kustomization with \`postBuild\` replaces every \`\${NAME}\` in its objects, also those that are meant for somebody else: Grafana’s variables in a dashboard, a shell script in a ConfigMap. A name that is not set and has no default is an error since Flux 2.9, and became an empty text before that. And it makes \`$\` of every \`$$\`: of Grafana’s escape in a provisioning file, of the quotes in SQL.`,
    fix: `Set the variable, give it a default (\`\${NAME:=value}\`), escape it (\`$\${NAME}\`, and \`$$$$\` for \`$$\`), or annotate the object with \`kustomize.toolkit.fluxcd.io/substitute: disabled\`.`,
    example: `kind: ConfigMap\nmetadata: {name: dashboard}   # of a Kustomization with postBuild.substitute\ndata: {mesh.json: '{"expr": "rate(istio_requests_total[\${__rate_interval}])"}'}`,
  },
};

function faultsIn(model: Model, step: Step): Fault[] {
  const known = substitutionOf(model, step.object);
  return known ? step.objects.flatMap((object) => faultOf(object, step, known) ?? []) : [];
}

function faultOf(object: ProofObject, step: Step, known: Substitution): Fault | undefined {
  const lost = variablesIn(object).filter((variable) => isLost(variable, known));
  const [first] = lost;
  if (!first) return halved(object, step);
  const texts = [...new Set(lost.map((one) => one.text))];
  const near = first.name === undefined ? undefined : nearest(first.name, known.names);
  const listed = `${texts.slice(0, 3).join(', ')}${texts.length > 3 ? ` and ${texts.length - 3} more` : ''}`;
  return {
    at: spotOf(object, first.path),
    message: `${step.object.id} substitutes variables, and ${listed} ${first.name === undefined ? 'is none that Flux can read' : 'is not set there'}`,
    hint:
      near === undefined
        ? "annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled, or set the variable in the Kustomization's postBuild"
        : `did you mean \${${near}}?`,
    cause: `substitution in ${object.id} ${object.origin.file ?? ''}`,
  };
}

/** A `$$` that reaches its reader as `$`. */
function halved(object: ProofObject, step: Step): Fault | undefined {
  const [first] = doubledIn(object);
  return (
    first && {
      at: spotOf(object, first.path),
      message: `${step.object.id} substitutes variables, and makes ${first.text.slice(1)} of ${first.text}`,
      hint: `annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled, or write $$${first.text}`,
      cause: `substitution in ${object.id} ${object.origin.file ?? ''}`,
    }
  );
}

/** Of variables that an unseen ConfigMap may set, only those of Grafana itself are surely not set. */
function isLost({ name, hasDefault }: Variable, { names, whole }: Substitution): boolean {
  if (name === undefined) return true;
  return !hasDefault && !names.has(name) && (whole || name.startsWith('__'));
}
