import { items, text } from '../json-path.ts';
import type { ProofObject } from '../types.ts';
import type { RunbookFacts } from './facts.ts';
import { code } from './markdown.ts';
import { layerKustomizations } from './removal.ts';

/** In which order the layers go to the cluster, and who takes them there. */
export function rollout(facts: RunbookFacts): string[] {
  const { model, stack } = facts;
  const layers = (model.world.layers ?? []).filter(({ variantOf }) => variantOf === undefined).map(({ name }) => name);
  if (layers.length === 0) return [];
  const kustomizations = layerKustomizations(facts, layers);
  if (kustomizations.length > 0) return byFlux(kustomizations, facts);
  const operator = model.objects.some(({ kind, group }) => kind === 'IstioOperator' && group === 'install.istio.io');
  return [
    '### What comes first',
    `Layer by layer, each when the one before it is ready: ${layers.map((name) => `\`${name}\``).join(', ')}.`,
    code([
      ...(operator ? [`istioctl install -y -f dist/${stack}/istioctl/istio-operator.yaml`] : []),
      ...layers.map((name) => `kubectl apply -k dist/${stack}/${name}`),
    ]),
  ];
}

function byFlux(kustomizations: readonly ProofObject[], { stack }: RunbookFacts): string[] {
  const label = (name: string) => `\`${name.startsWith(`${stack}-`) ? name.slice(stack.length + 1) : name}\``;
  const steps = stepsOf(kustomizations).map((names, i) => `${i + 1}. ${names.map(label).join(', ')}`);
  const namespace = kustomizations[0]?.namespace ?? 'flux-system';
  return [
    '### What comes first',
    `Flux applies each layer when those it needs are ready (Kustomizations \`${stack}-LAYER\` in \`${namespace}\`):`,
    steps.join('\n'),
    code([`flux get kustomizations -n ${namespace}   # which are ready, and what the others wait for`]),
  ];
}

/** Kustomizations that may go at the same time, step by step; what stands in a circle goes last, for Flux never gets there. */
function stepsOf(kustomizations: readonly ProofObject[]): string[][] {
  const steps: string[][] = [];
  const known = new Set(kustomizations.map(({ name }) => name));
  const done = new Set<string>();
  let waiting = kustomizations;
  while (waiting.length > 0) {
    const ready = waiting.filter(({ json }) =>
      items(json, 'spec', 'dependsOn').every((one) => {
        const name = text(one, 'name') ?? '';
        return !known.has(name) || done.has(name);
      }),
    );
    const step = ready.length > 0 ? ready : waiting;
    steps.push(step.map(({ name }) => name));
    for (const { name } of step) done.add(name);
    waiting = waiting.filter((one) => !step.includes(one));
  }
  return steps;
}
