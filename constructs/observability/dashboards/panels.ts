import type { Link } from './links.ts';
import type { Panel, Query } from './model.ts';

type TimeSeries = Extract<Panel, { type: 'timeseries' }>;
type Stat = Extract<Panel, { type: 'stat' }>;
type Table = Extract<Panel, { type: 'table' }>;
type NodeGraph = Extract<Panel, { type: 'nodeGraph' }>;

/** Units as Grafana names them: requests a second, (milli)seconds, bytes a second, bytes, a share from 0 to 1, a count, counts a second. */
export type Unit = 'reqps' | 'ms' | 's' | 'Bps' | 'bytes' | 'percentunit' | 'short' | 'cps';

/** One line of a graph, one number, or one column of a table. */
export interface Line {
  readonly expr: string;
  /** What the legend says: text with `{{label}}`. */
  readonly legend: string;
}

interface Text {
  readonly title: string;
  /** What it shows and when to worry: for someone on call. */
  readonly description: string;
  /** Where a click on a line, a point or a number leads. @default nowhere */
  readonly links?: readonly Link[];
}

const datasource = { type: 'prometheus', uid: '$datasource' } as const;

/** Curves over time; shares keep their axis from 0 to 1. Durations show their exemplars, where the metrics have any: points that lead to a trace. */
export function graph(text: Text & { readonly unit: Unit; readonly lines: readonly Line[] }): TimeSeries {
  const { title, description, unit, lines, links = [] } = text;
  return {
    type: 'timeseries',
    title,
    description,
    datasource,
    targets: lines.map((line, i) => ({
      ...query(line, i),
      range: true,
      ...(line.expr.includes('histogram_quantile(') ? { exemplar: true } : {}),
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(unit === 'percentunit' ? { max: 1 } : {}),
        custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'never', spanNulls: false },
        ...(links.length > 0 ? { links } : {}),
      },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}

/** From where on a number is worrying; below the first step it is green. */
export type Steps = readonly { readonly value: number; readonly color: 'green' | 'orange' | 'red' }[];

/** What a {@link number} is made of. */
export interface NumberText extends Text {
  readonly unit: Unit;
  readonly expr: string;
  /** The colour below the first step. @default 'green' */
  readonly base?: 'green' | 'red';
  readonly steps?: Steps;
  /** What stands there when the query finds nothing. @default 'no traffic' */
  readonly nothing?: string;
}

/** One number, its recent course behind it. */
export function number(text: NumberText): Stat {
  const { title, description, unit, expr, base = 'green', steps = [], nothing = 'no traffic', links = [] } = text;
  return {
    type: 'stat',
    title,
    description,
    datasource,
    targets: [{ ...query({ expr, legend: title }, 0), range: true }],
    fieldConfig: {
      defaults: {
        unit,
        noValue: nothing,
        ...(links.length > 0 ? { links } : {}),
        color: { mode: 'thresholds' },
        thresholds: { mode: 'absolute', steps: [{ value: null, color: base }, ...steps] },
      },
      overrides: [],
    },
    options: {
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      textMode: 'value',
      reduceOptions: { calcs: ['lastNotNull'], values: false },
    },
  };
}

/** The colours of a share of good answers: below 95 % red, below 99 % orange. */
export const successSteps = {
  base: 'red',
  steps: [
    { value: 0.95, color: 'orange' },
    { value: 0.99, color: 'green' },
  ],
} as const;

/** A column of a table: a label of the series, or the value of a query. */
export interface Column {
  readonly header: string;
  readonly unit: Unit;
  readonly expr: string;
}

/** What a {@link table} is made of. */
export interface TableText extends Omit<Text, 'links'> {
  /** Label to the header of its column. */
  readonly labels: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** Headers of columns that only links read. @default none */
  readonly hidden?: readonly string[];
  /** Header of a column to where a click on its cell leads. @default nowhere */
  readonly cellLinks?: Readonly<Record<string, readonly Link[]>>;
}

/** One row for each combination of labels; the first value column sorts it, highest first. */
export function table(text: TableText): Table {
  const { title, description, labels, columns, hidden = [], cellLinks = {} } = text;
  const refs = columns.map((_, i) => refId(i));
  return {
    type: 'table',
    title,
    description,
    datasource,
    targets: columns.map(({ expr, header }, i) => ({
      ...query({ expr, legend: header }, i),
      format: 'table',
      instant: true,
      range: false,
    })),
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries([...Object.keys(labels), ...refs.map(valueField)].map((name, i) => [name, i])),
          renameByName: { ...labels, ...Object.fromEntries(columns.map((c, i) => [valueField(refId(i)), c.header])) },
        },
      },
    ],
    fieldConfig: {
      defaults: { custom: { filterable: true } },
      overrides: [
        ...columns.map((c) => override(c.header, { unit: c.unit })),
        // The first is how Grafana before 12.1 spells it.
        ...hidden.map((header) => override(header, { 'custom.hidden': true, 'custom.hideFrom.viz': true })),
        ...Object.entries(cellLinks).flatMap(([header, links]) => (links.length > 0 ? [override(header, { links })] : [])),
      ],
    },
    options: {
      showHeader: true,
      ...(columns[0] ? { sortBy: [{ displayName: columns[0].header, desc: true }] } : {}),
    },
  };
}

/** Services as circles, calls as arrows: Tempo's data source draws it from the metrics that are made from spans. */
export function nodeGraph(text: Omit<Text, 'links'> & { readonly source: string }): NodeGraph {
  const { title, description, source } = text;
  const tempo = { type: 'tempo', uid: source };
  return {
    type: 'nodeGraph',
    title,
    description,
    datasource: tempo,
    targets: [{ refId: 'A', datasource: tempo, queryType: 'serviceMap', serviceMapQuery: '', filters: [] }],
    fieldConfig: { defaults: {}, overrides: [] },
    options: {},
  };
}

function override(header: string, properties: Readonly<Record<string, unknown>>) {
  return {
    matcher: { id: 'byName', options: header },
    properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
  };
}

function query(line: Line, index: number): Query {
  return { refId: refId(index), datasource, expr: line.expr, legendFormat: line.legend, editorMode: 'code' };
}

function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

/** The name that Grafana gives to the value of one of several table queries. */
function valueField(ref: string): string {
  return `Value #${ref}`;
}
