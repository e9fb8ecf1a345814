import { describe, expect, it } from 'vitest';
import { Endpoint, type GrafanaSource } from '../constructs/kit/index.ts';
import { GrafanaResources, type GrafanaResourcesProps, istioDashboards, Prometheus } from '../constructs/observability/index.ts';
import { layer, object, objects } from './support/synth.ts';

const internal = Endpoint.external({ protocol: 'http', host: 'site-service.grafana.svc.cluster.local', port: 3000 });
const prometheus = Prometheus.fromExisting(Endpoint.external({ protocol: 'http', host: 'prometheus.obs.svc', port: 9090 }));
const tempo: GrafanaSource = {
  toDataSource: (links) => ({
    name: 'Tempo',
    uid: 'Tempo_1',
    type: 'tempo',
    url: 'http://tempo.obs.svc:3200',
    jsonData: { serviceMap: { datasourceUid: links?.metrics ?? '' }, query: '$__interval' },
  }),
};

const everyOption: Required<GrafanaResourcesProps> = {
  instances: { dashboards: 'site' },
  internal,
  sources: [prometheus, tempo],
  dashboards: [{ uid: 'Own_1', title: 'Own' }],
  folder: 'Team',
};

function resources(props: Partial<GrafanaResourcesProps> = {}) {
  const chart = layer('monitoring');
  return { chart, made: new GrafanaResources(chart, 'grafana', { instances: { dashboards: 'site' }, internal, ...props }) };
}

describe('resources of the Grafana operator', () => {
  it('take every option', () => {
    const { chart, made } = resources(everyOption);
    expect(object(chart, 'GrafanaDashboard', 'grafana-dashboard-own-1').spec).toEqual({
      allowCrossNamespaceImport: true,
      instanceSelector: { matchLabels: { dashboards: 'site' } },
      uid: 'Own_1',
      folder: 'Team',
      json: `${JSON.stringify({ uid: 'Own_1', title: 'Own' }, undefined, 2)}\n`,
    });
    expect(made.titles).toEqual(['Own']);
    expect(made.internal).toBe(internal);
  });

  it('tell each data source of the others, and leave its text as it is: it is no provisioning file', () => {
    const { chart } = resources(everyOption);
    expect(object(chart, 'GrafanaDatasource', 'grafana-datasource-tempo-1').spec).toEqual({
      allowCrossNamespaceImport: true,
      instanceSelector: { matchLabels: { dashboards: 'site' } },
      uid: 'Tempo_1',
      datasource: {
        name: 'Tempo',
        type: 'tempo',
        url: 'http://tempo.obs.svc:3200',
        access: 'proxy',
        editable: false,
        isDefault: false,
        jsonData: { serviceMap: { datasourceUid: 'prometheus' }, query: '$__interval' },
      },
    });
    const metrics = object(chart, 'GrafanaDatasource', 'grafana-datasource-prometheus').spec.datasource;
    expect(metrics.isDefault).toBe(true);
    expect(metrics.jsonData.exemplarTraceIdDestinations[0].datasourceUid).toBe('Tempo_1');
  });

  it('hold the dashboards that Kiali links to, and no data source, unless told so', () => {
    const { chart, made } = resources();
    const kinds = objects(chart).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'GrafanaDashboard')).toHaveLength(istioDashboards().length);
    expect(kinds).not.toContain('GrafanaDatasource');
    expect(made.titles).toEqual(istioDashboards().map(({ title }) => title));
  });

  it('refuse what no operator could take', () => {
    expect(() => resources({ instances: {} })).toThrow("instances of 'layer/grafana' is empty");
    expect(() => resources({ instances: { 'a b': 'c' } })).toThrow('instances of \'layer/grafana\' has label "a b"');
    expect(() => resources({ sources: [tempo, tempo] })).toThrow("have the same uid 'Tempo_1'");
    expect(() => resources({ dashboards: [{ uid: 'x' }] })).toThrow('has no title');
  });
});
