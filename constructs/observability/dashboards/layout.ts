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
}

/** Grafana's grid has this many columns. */
const columns = 24;

/** Puts sections one below the other: places and ids follow from the order, so that no two panels can overlap. */
export function dashboard(parts: DashboardParts): Dashboard {
  const { uid, title, description, variables, sections } = parts;
  return {
    uid,
    title,
    description,
    tags: ['istio'],
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
        title: 'Istio dashboards',
        type: 'dashboards',
        tags: ['istio'],
        icon: 'external link',
        tooltip: '',
        asDropdown: true,
        targetBlank: false,
        includeVars: false,
        keepTime: true,
      },
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

/** A variable whose values are those of a label. */
export function labelVariable(name: string, label: string, series: string, of: string, choice: 'one' | 'any'): Variable {
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
    ...(choice === 'any'
      ? { multi: true, includeAll: true, allValue: '.*', current: { selected: true, text: ['All'], value: ['$__all'] } }
      : {}),
  };
}

/** Who counted: every request is counted at its source and at its destination, and by a waypoint in between. */
export const reporterVariable: Variable = {
  type: 'custom',
  name: 'qrep',
  label: 'Counted by',
  query: 'destination,source,waypoint',
  current: { selected: true, text: 'destination', value: 'destination' },
  options: ['destination', 'source', 'waypoint'].map((value, i) => ({ selected: i === 0, text: value, value })),
};
