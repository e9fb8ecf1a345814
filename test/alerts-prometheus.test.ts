import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  Collector,
  Endpoint,
  Jaeger,
  Mesh,
  Prometheus,
  type PrometheusProps,
  type PrometheusRuleGroup,
  PrometheusRules,
} from '../constructs/index.ts';
import { rememberAddress } from '../constructs/kit/browser-address.ts';
import { type Loose, layer, object } from './support/synth.ts';

const orders: PrometheusRuleGroup = {
  name: 'orders',
  interval: '30s',
  rules: [
    { record: 'shop:orders:rate5m', expr: 'sum(rate(orders_total[5m]))' },
    {
      alert: 'NoOrders',
      expr: 'shop:orders:rate5m == 0',
      for: '10m',
      labels: { severity: 'page' },
      annotations: { summary: 'none' },
    },
  ],
};

function made(props: PrometheusProps = {}, place = layer()) {
  const prometheus = new Prometheus(place, 'prometheus', props);
  const files = () => object(place, 'ConfigMap', 'prometheus').data as Readonly<Record<string, string>>;
  const config = (): Loose => parse(files()['prometheus.yml'] ?? '');
  const groups = (file: string): Loose[] => parse(files()[file] ?? 'groups: []').groups;
  return { prometheus, place, files, config, groups };
}

const mesh = () => new Mesh(layer(), 'istio');
const jobs = (config: Loose): string[] => config.scrape_configs.map((job: Loose) => job.job_name);

describe('a Prometheus', () => {
  it('has the alerts of what it scrapes, in a file that its configuration names', () => {
    const { files, config, groups } = made({ scrape: [mesh()] });
    expect(Object.keys(files())).toEqual(['mesh.rules.yml', 'prometheus.yml']);
    expect(config().rule_files).toEqual(['mesh.rules.yml']);
    expect(groups('mesh.rules.yml').map(({ name }) => name)).toContain('istiod');
    expect(config()).not.toHaveProperty('alerting');
  });

  it('has none for what it knows nothing of', () => {
    const { files, config } = made({ scrape: [{ scrapeJobs: [] }] });
    expect(Object.keys(files())).toEqual(['prometheus.yml']);
    expect(config()).not.toHaveProperty('rule_files');
  });

  it('has those of what is scraped later, too', () => {
    const { prometheus, place, groups } = made({ scrape: [mesh()] });
    const before = object(place, 'Deployment', 'prometheus').spec.template.metadata.annotations;
    prometheus.scrape(new Jaeger(layer('observability'), 'jaeger'));
    expect(groups('mesh.rules.yml').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['istiod', 'jaeger', 'tracing-capacity']),
    );
    expect(object(place, 'Deployment', 'prometheus').spec.template.metadata.annotations).not.toEqual(before);
    expect(prometheus.watched.map(({ is }) => is)).toEqual(['mesh', 'jaeger']);
  });

  it('asks the kubelets for volumes where an alert does', () => {
    expect(jobs(made({ scrape: [mesh()] }).config())).not.toContain('kubernetes-nodes-volumes');
    const jaeger = new Jaeger(layer('observability'), 'jaeger');
    expect(jobs(made({ scrape: [jaeger], alerts: 'off' }).config())).not.toContain('kubernetes-nodes-volumes');
    const job = made({ scrape: [jaeger] })
      .config()
      .scrape_configs.find((one: Loose) => one.job_name === 'kubernetes-nodes-volumes');
    expect(job.metric_relabel_configs).toEqual([
      { source_labels: ['__name__'], regex: 'kubelet_volume_stats_.+', action: 'keep' },
    ]);
    expect(job.metrics_path).toBeUndefined();
  });

  it('does without them', () => {
    expect(Object.keys(made({ scrape: [mesh()], alerts: 'off' }).files())).toEqual(['prometheus.yml']);
  });

  it('is told what services promise', () => {
    const { groups } = made({ scrape: [mesh()], alerts: { runbooks: 'https://git.test/alerts.md' } });
    const rules: Loose[] = groups('mesh.rules.yml').flatMap((group) => group.rules);
    expect(rules.find(({ alert }) => alert === 'IstiodDown').annotations.runbook_url).toBe(
      'https://git.test/alerts.md#istioddown',
    );
    // Also before anything is scraped.
    expect(() => made({ alerts: { minRequestsPerHour: -1 } })).toThrow('minRequestsPerHour');
  });

  it('takes rules of its own', () => {
    const { config, groups } = made({ scrape: [mesh()], rules: [orders] });
    expect(config().rule_files).toEqual(['mesh.rules.yml', 'own.rules.yml']);
    expect(groups('own.rules.yml')).toEqual([JSON.parse(JSON.stringify(orders))]);
    expect(() => made({ rules: [orders, orders] })).toThrow("rules 'layer/prometheus' have two groups called 'orders'");
    expect(() => made({ scrape: [mesh()], rules: [{ ...orders, name: 'istiod' }] })).toThrow("two groups called 'istiod'");
  });

  it('links to where people open its page', () => {
    const { prometheus, place } = made({ scrape: [mesh()] });
    const args = () => object(place, 'Deployment', 'prometheus').spec.template.spec.containers[0].args;
    expect(args().join(' ')).not.toContain('external-url');
    prometheus.acceptRemoteWrite();
    rememberAddress(prometheus.page, { host: 'prometheus.mesh.test', url: 'http://prometheus.mesh.test/' });
    expect(args().slice(-3)).toEqual([
      '--web.external-url=http://prometheus.mesh.test/',
      '--web.route-prefix=/',
      '--web.enable-remote-write-receiver',
    ]);
  });

  it('tells an Alertmanager', () => {
    const alertmanager = Endpoint.external({ protocol: 'http', host: 'alerts.test', port: 9093 });
    expect(made({ alertmanager }).config().alerting).toEqual({
      alertmanagers: [{ static_configs: [{ targets: ['alerts.test:9093'] }] }],
    });
    const behind = Endpoint.external({ protocol: 'http', host: 'alerts.test', port: 443, path: '/am', tls: true });
    expect(made({ alertmanager: behind }).config().alerting).toEqual({
      alertmanagers: [{ scheme: 'https', path_prefix: '/am', static_configs: [{ targets: ['alerts.test:443'] }] }],
    });
  });
});

describe('what a mesh says of itself', () => {
  it('holds its sampling and mutual TLS', () => {
    const collector = new Collector(layer('observability'), 'collector', { exportTo: [new Jaeger(layer('other'), 'jaeger')] });
    const place = layer();
    const strict = new Mesh(place, 'istio', { mtls: 'strict', tracing: { to: collector, samplingPercent: 5 } });
    expect(strict.watched).toEqual([
      { is: 'mesh', namespace: 'istio-system', dataplane: 'sidecar', traced: true, samplingPercent: 5, mtls: 'strict' },
    ]);
    expect(mesh().watched).toEqual([{ is: 'mesh', namespace: 'istio-system', dataplane: 'sidecar', traced: false }]);
  });
});

describe('rules for the operator', () => {
  const rules = (...groups: [PrometheusRuleGroup, ...PrometheusRuleGroup[]]) =>
    new PrometheusRules(layer('monitoring'), 'rules', { groups });
  const alert = { alert: 'Till', expr: 'up == 0' };

  it.each<[string, PrometheusRuleGroup]>([
    ["have the alert 'Till' twice with the labels {}", { name: 'a', rules: [alert, alert] }],
    [
      "have the series 'a:b' twice",
      {
        name: 'a',
        rules: [
          { record: 'a:b', expr: '1' },
          { record: 'a:b', expr: '2' },
        ],
      },
    ],
    [`for of the alert 'Till' of 'layer/rules' is "5 minutes"`, { name: 'a', rules: [{ ...alert, for: '5 minutes' }] }],
    [`interval of the rules 'a' of 'layer/rules' is "1m 30s"`, { name: 'a', interval: '1m 30s', rules: [alert] }],
    ["'Till' of 'layer/rules' has no expr", { name: 'a', rules: [{ ...alert, expr: ' ' }] }],
  ])('are refused when they %s', (message, group) => {
    expect(() => rules(group)).toThrow(message);
  });

  it('may have one alert twice with different labels', () => {
    const twice: PrometheusRuleGroup = {
      name: 'a',
      rules: [
        { ...alert, labels: { a: '1' } },
        { ...alert, labels: { a: '2' }, for: '1h30m' },
      ],
    };
    expect(() => rules(twice)).not.toThrow();
  });
});
