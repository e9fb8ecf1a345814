import { items, text } from '../json-path.ts';
import { callsOf } from '../model/app-calls.ts';
import type { Model } from '../model/model.ts';
import { namespacesOf } from '../model/reach/pods.ts';
import { containersOf } from '../model/spans/containers.ts';
import { selects, type Workload } from '../model/workloads.ts';
import { type EntryApp, spanNameOf } from '../runbook/facts.ts';

/** Title of Bookinfo's page (Istio 1.30, samples/bookinfo). */
export const BOOKINFO_TITLE = 'Simple Bookstore App';

/** Whether the page is that of Bookinfo, by the image it runs. */
export function isBookinfo({ workload }: EntryApp): boolean {
  return imagesOf(workload).some((name) => name.startsWith('examples-bookinfo-productpage'));
}

/** What Bookinfo's page asks for each request, as traces call it: the Services that its variables name, else those of Istio's sample. */
export function calledByPage(model: Model, { workload }: EntryApp): readonly string[] {
  const named = callsOf(model).flatMap(({ from, to }) => (from === workload && to.is === 'service' ? [to.service] : []));
  if (named.length === 0) return ['details', 'reviews'].map((name) => `${name}.${workload.namespace}`);
  const called = named.flatMap(({ selector, namespace }) =>
    selector.size === 0 ? [] : (model.workloadsIn(namespace).find(({ labels }) => selects(selector, labels)) ?? []),
  );
  return [...new Set(called.map(spanNameOf))];
}

/** A container that has curl, in a pod of the mesh. */
export interface Caller {
  /** As kubectl names it: `deployment/curl`. */
  readonly target: string;
  readonly container: string;
}

/** Who in the app's namespace can ask for its page: a pod of curl's own image, or Bookinfo's ratings, as in Istio's guide. */
export function callerOf(model: Model, { workload: { namespace } }: EntryApp): Caller | undefined {
  const { pods } = namespacesOf(model.objects);
  const members = model
    .workloadsIn(namespace)
    .filter((one) => one.object.kind === 'Deployment' && ['sidecar', 'ambient'].includes(pods(one).plane));
  const found = CURLS.flatMap((image) =>
    members.flatMap(({ object, podSpec = [], name }) =>
      items(object.json, ...podSpec, 'containers').flatMap((one): Caller[] => {
        const container = text(one, 'name');
        return container !== undefined && image.test(lastOf(text(one, 'image') ?? ''))
          ? [{ target: `deployment/${name}`, container }]
          : [];
      }),
    ),
  );
  return found[0];
}

const CURLS = [/^curl(:|@|$)/, /^examples-bookinfo-ratings/];

function imagesOf(workload: Workload): readonly string[] {
  return containersOf(workload).flatMap(({ image }) => (image ? [lastOf(image.repository)] : []));
}

function lastOf(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1);
}
