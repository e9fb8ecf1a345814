import type { Link } from './links.ts';
import type { Dashboard, Panel, RowPanel, Variable } from './model.ts';

/** Panels under a heading, side by side, all equally wide. */
export interface Section {
  readonly title: string;
  /** In grid units of about 30 pixels. @default 8 */
  readonly height?: number;
  readonly panels: readonly [Panel, ...Panel[]];
}

/** What a dashboard is made of. */
export interface DashboardParts {
  /** Stays the same for ever: links and bookmarks hold it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly sections: readonly Section[];
  /** Links beside the list of the other dashboards. @default none */
  readonly links?: readonly Link[];
}

/** By which each dashboard lists the others. */
const tag = 'mesh';

const plainLink = {
  type: 'link',
  tags: [],
  icon: 'external link',
  tooltip: '',
  asDropdown: false,
  includeVars: false,
  keepTime: false,
} as const;

/** Grafana's grid has this many columns. */
const columns = 24;

/** Puts sections one below the other: places and ids follow from the order, so that no two panels can overlap. */
export function dashboard(parts: DashboardParts): Dashboard {
  const { uid, title, description, variables, sections, links = [] } = parts;
  return {
    uid,
    title,
    description,
    tags: [tag],
    schemaVersion: 42,
    editable: false,
    timezone: 'browser',
    graphTooltip: 1,
    time: { from: 'now-30m', to: 'now' },
    refresh: '15s',
    templating: { list: [dataSourceVariable, ...variables] },
    annotations: { list: [] },
    links: [
      {
        title: 'Dashboards',
        type: 'dashboards',
        tags: [tag],
        icon: 'external link',
        tooltip: '',
        asDropdown: true,
        targetBlank: false,
        includeVars: false,
        keepTime: true,
      },
      ...links.map(({ title, url, targetBlank }) => ({ ...plainLink, title, url, targetBlank })),
    ],
    panels: place(sections),
  };
}

function place(sections: readonly Section[]): (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = [];
  let id = 0;
  let y = 0;
  for (const { title, height = 8, panels } of sections) {
    placed.push({ type: 'row', id: ++id, title, collapsed: false, panels: [], gridPos: { x: 0, y, w: columns, h: 1 } });
    y += 1;
    const width = Math.floor(columns / panels.length);
    for (const [i, panel] of panels.entries()) {
      placed.push({ ...panel, ...{ id: ++id, gridPos: { x: i * width, y, w: width, h: height } } });
    }
    y += height;
  }
  return placed;
}

/** Kiali and people choose among several Prometheus by it. */
const dataSourceVariable: Variable = {
  type: 'datasource',
  name: 'datasource',
  label: 'Data source',
  query: 'prometheus',
  refresh: 1,
};

/**
 * A variable whose values are those of a label.
 *
 * @param series whose label it is: PromQL without a function
 * @param choice `one` value; `any` of them, all to begin with; `hidden`: the one value there is, for links
 * @param all what "All" stands for
 */
export function labelVariable(
  name: string,
  label: string,
  series: string,
  of: string,
  choice: 'one' | 'any' | 'hidden',
  all = '.*',
): Variable {
  const query = `label_values(${series}, ${of})`;
  return {
    type: 'query',
    name,
    label,
    datasource: { type: 'prometheus', uid: '$datasource' },
    definition: query,
    query: { qryType: 1, query, refId: name },
    refresh: 2,
    sort: 1,
    ...(choice === 'hidden' ? { hide: 2 } : {}),
    ...(choice === 'any'
      ? { multi: true, includeAll: true, allValue: all, current: { selected: true, text: ['All'], value: ['$__all'] } }
      : {}),
  };
}

/** Where a mesh's requests are counted: at their source and at their destination by sidecars, in between by waypoints. */
const reporters = ['destination', 'source', 'waypoint'] as const;

/** What waypoints and gateways count: in an ambient mesh nobody counts requests where they arrive, ztunnel reads none. */
const ambientReporters = ['source', 'waypoint'] as const;

/** Who receives requests, and knows by which security: their callers report it as unknown (Istio 1.30, standard metrics). */
export const receivers = '=~"destination|waypoint"';

/**
 * Who counted.
 *
 * @param side whose view it is to begin with: the callers' proxies also count what never arrives, the destination's also callers from
 * outside of the mesh
 */
export function reporterVariable(dataplane: 'sidecar' | 'ambient', side: 'source' | 'destination'): Variable {
  const chosen: readonly string[] = dataplane === 'ambient' ? ambientReporters : [side];
  return {
    type: 'custom',
    name: 'qrep',
    label: 'Counted by',
    description:
      'source: by the callers, with what never arrives. destination: by the service, with callers from outside of the mesh. waypoint: in between.',
    query: reporters.join(','),
    multi: true,
    current: { selected: true, text: chosen, value: chosen },
    options: reporters.map((value) => ({ selected: chosen.includes(value), text: value, value })),
  };
}
