import type * as dashboards from '@grafana/grafana-foundation-sdk/dashboard';
import type * as nodeGraphs from '@grafana/grafana-foundation-sdk/nodegraph';
import type * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import type * as stats from '@grafana/grafana-foundation-sdk/stat';
import type * as tables from '@grafana/grafana-foundation-sdk/table';
import type * as tempo from '@grafana/grafana-foundation-sdk/tempo';
import type * as timeSeries from '@grafana/grafana-foundation-sdk/timeseries';
import type { Link } from './links.ts';

// Only types of Grafana's SDK are used here: its builders check the same things, but loading them takes longer than a whole synth.

/** A type of the SDK as plain JSON: its enums become their values, its methods go. */
type Plain<T> = 0 extends 1 & T
  ? T
  : T extends string | number
    ? `${T}` extends `${infer N extends number}`
      ? N
      : T extends string
        ? `${T}`
        : T
    : T extends readonly (infer Item)[]
      ? readonly Plain<Item>[]
      : T extends object
        ? { readonly [K in keyof T as T[K] extends () => void ? never : K]: Plain<T[K]> }
        : T;

export type Dashboard = Omit<Plain<dashboards.Dashboard>, 'panels'> & {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly (Panel | RowPanel)[];
};
export type Variable = Plain<dashboards.VariableModel>;
export type RowPanel = Plain<dashboards.RowPanel>;
export type Query = Plain<prometheus.Dataquery>;

type FieldConfig<Custom> = Plain<Omit<dashboards.FieldConfigSource, 'defaults'>> & {
  readonly defaults: Plain<Omit<dashboards.FieldConfig, 'custom' | 'links'>> & {
    readonly custom?: Partial<Plain<Custom>>;
    // The SDK takes them for links of a dashboard; Grafana wants no more than this (Grafana 13, data links).
    readonly links?: readonly Link[];
  };
};

export interface PanelOf<Type extends string, Options, Custom, Target = Query>
  extends Plain<Omit<dashboards.Panel, 'type' | 'targets' | 'options' | 'fieldConfig' | 'id' | 'gridPos'>> {
  readonly type: Type;
  readonly title: string;
  readonly description: string;
  readonly targets: readonly Target[];
  readonly options: Partial<Plain<Options>>;
  readonly fieldConfig: FieldConfig<Custom>;
}

/** A panel before it has its place. */
export type Panel =
  | PanelOf<'timeseries', timeSeries.Options, timeSeries.FieldConfig>
  | PanelOf<'stat', stats.Options, never>
  | PanelOf<'table', tables.Options, tables.FieldConfig>
  | PanelOf<'nodeGraph', nodeGraphs.Options, never, Plain<tempo.Dataquery>>;
