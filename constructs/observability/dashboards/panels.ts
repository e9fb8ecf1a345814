import type { Panel, Query } from './model.ts';

type TimeSeries = Extract<Panel, { type: 'timeseries' }>;
type Stat = Extract<Panel, { type: 'stat' }>;
type Table = Extract<Panel, { type: 'table' }>;

/** Units as Grafana names them: requests a second, milliseconds, bytes a second, bytes, a share from 0 to 1, a count, CPUs. */
export type Unit = 'reqps' | 'ms' | 'Bps' | 'bytes' | 'percentunit' | 'short' | 'cps';

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
}

const datasource = { type: 'prometheus', uid: '$datasource' } as const;

/** Curves over time; shares keep their axis from 0 to 1. */
export function graph(text: Text & { readonly unit: Unit; readonly lines: readonly Line[] }): TimeSeries {
  const { title, description, unit, lines } = text;
  return {
    type: 'timeseries',
    title,
    description,
    datasource,
    targets: lines.map((line, i) => ({ ...query(line, i), range: true })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(unit === 'percentunit' ? { max: 1 } : {}),
        custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'never', spanNulls: false },
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

/** One number, its recent course behind it. */
export function number(
  text: Text & { readonly unit: Unit; readonly expr: string; readonly base?: 'green' | 'red'; readonly steps?: Steps },
): Stat {
  const { title, description, unit, expr, base = 'green', steps = [] } = text;
  return {
    type: 'stat',
    title,
    description,
    datasource,
    targets: [{ ...query({ expr, legend: title }, 0), range: true }],
    fieldConfig: {
      defaults: {
        unit,
        noValue: 'no traffic',
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

/** One row for each combination of labels; the first value column sorts it, highest first. */
export function table(
  text: Text & { readonly labels: Readonly<Record<string, string>>; readonly columns: readonly Column[] },
): Table {
  const { title, description, labels, columns } = text;
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
      overrides: columns.map((c) => ({
        matcher: { id: 'byName', options: c.header },
        properties: [{ id: 'unit', value: c.unit }],
      })),
    },
    options: {
      showHeader: true,
      ...(columns[0] ? { sortBy: [{ displayName: columns[0].header, desc: true }] } : {}),
    },
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
