import { text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { chartReleases } from '../../read/charts.ts';
import { type Path, type ProofObject, spotOf } from '../../types.ts';
import { inProduction } from './in-production.ts';

export const demoProfile = inProduction({
  code: 'PRD005',
  title: 'Istio installed with its demo profile',
  severity: 'error',
  run: (model) =>
    profiles(model)
      .filter(({ object, path }) => text(object.json, ...path) === 'demo')
      .map(({ object, path }) => ({
        at: spotOf(object, path),
        message: 'is demo: it samples every request, logs every access, and requests hardly any CPU and memory',
        hint: 'use profile default, and say what you need of the rest',
      })),
  docs: {
    cause:
      'The demo profile is made to show things on a laptop: 100 percent sampling, access logs, tiny requests, an egress gateway, providers that lead to the sample addons (Istio 1.30, manifests/profiles).',
    fix: 'Install with profile default.',
    example: 'kind: IstioOperator\nspec: {profile: demo}',
  },
});

function profiles(model: Model): { readonly object: ProofObject; readonly path: Path }[] {
  const resources = model.objects.filter(
    ({ kind, group }) => kind === 'IstioOperator' || (kind === 'Istio' && group === 'sailoperator.io'),
  );
  const releases = chartReleases(model.objects).filter(({ chart }) => chart === 'istiod' || chart === 'gateway');
  return [
    ...resources.map((object) => ({ object, path: ['spec', 'profile'] })),
    ...releases.map(({ object }) => ({ object, path: ['spec', 'values', 'profile'] })),
  ];
}
