import { isObject, type Json } from '../../../kit/json.ts';
import { fields, text } from '../../json-path.ts';
import type { Model } from '../../model/model.ts';
import { chartReleases } from '../../read/charts.ts';
import { type Fault, type Path, type ProofObject, spotOf } from '../../types.ts';
import { allContainers } from './containers.ts';
import { inProduction } from './in-production.ts';

export const imageTag = inProduction({
  code: 'PRD006',
  title: 'an image without a fixed version',
  severity: 'error',
  run: floatingTags,
  docs: {
    cause:
      'An image without a tag, or with the tag `latest`, is another one after the next pull: nodes run different versions, and a rollback brings back nothing. Init containers, Jobs and CronJobs count too, and images of collector and Kiali resources and of chart values.',
    fix: 'Name a version, or a digest.',
    example: 'containers:\n- {name: jaeger, image: jaegertracing/jaeger}   # jaegertracing/jaeger:2.20.0',
  },
});

/** Images without a tag, or with the tag latest, of containers, custom resources and chart values. */
export function floatingTags(model: Model): Fault[] {
  return [...containers(model), ...resources(model), ...charts(model)];
}

function fault(object: ProofObject, path: Path, image: string, tag: string): Fault {
  return {
    at: spotOf(object, path),
    message: `image ${image} ${tag === '' ? 'has no tag, which means latest' : `has the tag ${tag}`}`,
    hint: 'name a version or a digest',
    cause: `tag of ${image}`,
  };
}

function ofImage(object: ProofObject, path: Path): Fault[] {
  const stated = text(object.json, ...path);
  // `auto` is filled in by Istio's injection; variables are filled in by whoever applies the file.
  if (stated === undefined || stated === 'auto' || stated.includes('@') || /[$%{}]/.test(stated)) return [];
  const name = stated.slice(stated.lastIndexOf('/') + 1);
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : '';
  return tag === '' || tag === 'latest' ? [fault(object, path, stated, tag)] : [];
}

function containers(model: Model): Fault[] {
  return allContainers(model).flatMap(({ workload, path }) => ofImage(workload.object, [...path, 'image']));
}

const RESOURCES: ReadonlyMap<string, readonly Path[]> = new Map([
  ['OpenTelemetryCollector', [['spec', 'image']]],
  ['Instrumentation', ['java', 'nodejs', 'python', 'go', 'dotnet'].map((language) => ['spec', language, 'image'])],
  ['Prometheus', [['spec', 'image']]],
]);

function resources(model: Model): Fault[] {
  const stated = [...RESOURCES].flatMap(([kind, paths]) =>
    model.kind(kind).flatMap((object) => paths.flatMap((path) => ofImage(object, path))),
  );
  const kialis = model.kind('Kiali').flatMap((object) => {
    const path = ['spec', 'deployment', 'image_version'];
    return text(object.json, ...path) === 'latest' ? [fault(object, path, 'of Kiali', 'latest')] : [];
  });
  const istios = model
    .kind('IstioOperator')
    .flatMap((object) =>
      text(object.json, 'spec', 'tag') === 'latest' ? [fault(object, ['spec', 'tag'], 'of Istio', 'latest')] : [],
    );
  return [...stated, ...kialis, ...istios];
}

function charts(model: Model): Fault[] {
  return chartReleases(model.objects).flatMap(({ object }) =>
    latestTags(fields(object.json, 'spec', 'values'), ['spec', 'values']).map(({ path, image }) =>
      fault(object, path, image, 'latest'),
    ),
  );
}

/** `image: {repository, tag: latest}`, `global: {hub, tag: latest}`, wherever charts keep it; an empty tag is the chart's own. */
function latestTags(values: Json, path: Path): { readonly path: Path; readonly image: string }[] {
  if (!isObject(values)) return [];
  return Object.entries(values).flatMap(([key, value]) => {
    if (key !== 'tag' || value !== 'latest') return latestTags(value, [...path, key]);
    return [{ path: [...path, key], image: text(values, 'repository') ?? text(values, 'hub') ?? `of ${path.at(-1)}` }];
  });
}
