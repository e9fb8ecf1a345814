import { isObject } from '../../kit/json.ts';
import { rememberText } from '../../kit/remember.ts';
import { fields, text } from '../json-path.ts';
import type { Model } from '../model/model.ts';
import { readJson } from '../read/json.ts';
import type { RunbookFacts } from './facts.ts';
import { forward } from './forward.ts';
import { denseTable } from './markdown.ts';
import { pageOf } from './pages.ts';

interface Shown {
  readonly title: string;
  readonly uid: string | undefined;
  readonly description: string;
}

/** The dashboards of the stack, each with its address in the browser. */
export function dashboardLinks({ model, published }: RunbookFacts): string[] {
  const all = dashboards(model);
  const page = pageOf(model, 'grafana');
  const place = page?.at[0];
  if (all.length === 0 || !page || !place) return [];
  const { command, at } = forward(place.service, place.port);
  const url = published(place.service);
  const home = `${url ?? `http://${at}`}${page.path}`;
  const rows = all.map(({ title, uid, description }) => [
    uid === undefined ? title : `[${title}](${home}/d/${uid})`,
    description.replaceAll('|', '\\|'),
  ]);
  return [
    '### Or look at the dashboards',
    `In Grafana${url ? '' : `, with its port forwarded (\`${command}\`)`}${all.some(({ uid }) => uid === undefined) ? '; those without a link are found by their title' : ''}:`,
    denseTable(['dashboard', 'shows'], rows),
  ];
}

function dashboards(model: Model): readonly Shown[] {
  const objects = [...new Set(model.dashboards.map(({ object }) => object))];
  const found = objects.flatMap(({ json }) =>
    [...Object.values(fields(json, 'data')), text(json, 'spec', 'json')].flatMap((source) =>
      typeof source === 'string' ? (read(source) ?? []) : [],
    ),
  );
  // Two Grafanas of one stack may show the same.
  return [...new Map(found.map((one) => [one.uid ?? one.title, one])).values()];
}

const read = rememberText((source): Shown | undefined => {
  if (!source.includes('"panels"')) return undefined;
  const json = readJson(source);
  const title = text(json, 'title');
  if (!isObject(json) || title === undefined) return undefined;
  return { title, uid: text(json, 'uid'), description: text(json, 'description') ?? '' };
});
