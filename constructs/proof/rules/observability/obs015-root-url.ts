import { at, text } from '../../json-path.ts';
import { matchesWildcard } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import { grafanaPods } from '../../model/pages/grafana-pods.ts';
import { selects } from '../../model/workloads.ts';
import { chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { entrancesOf } from '../../runbook/entrances.ts';
import { type Path, type ProofObject, type Spot, spotOf } from '../../types.ts';
import { liveApart } from '../apart.ts';

export const rootUrl: Rule = {
  code: 'OBS015',
  title: 'Grafana’s root_url is not where it is published',
  severity: 'warning',
  run: (model) =>
    statedUrls(model).flatMap(({ url, leadsTo, object, at: spot }) => {
      if (!URL.canParse(url) || /[%${]/.test(url)) return [];
      const { hostname } = new URL(url);
      const hosts = entrancesOf(model)
        .filter(({ service, host }) => leadsTo(service) && host !== '*' && !liveApart(service.object, object))
        .map(({ host }) => host);
      if (
        hosts.length === 0 ||
        hostname === 'localhost' ||
        hosts.some((one) => one === hostname || matchesWildcard(one, hostname))
      )
        return [];
      return [
        {
          at: spot,
          message: `root_url is ${url}, but Grafana is published as ${[...new Set(hosts)].sort().join(', ')}`,
          hint: 'write the address that people open',
        },
      ];
    }),
  docs: {
    cause:
      'Grafana makes links, redirects after a login and links in alerts from `root_url` (`GF_SERVER_ROOT_URL`). It names a host that no route of the input leads to Grafana, while another does.',
    fix: 'Let root_url be what people open in the browser.',
    example:
      "env: [{name: GF_SERVER_ROOT_URL, value: 'https://grafana.old.example/'}]   # and a Gateway for grafana.mesh.example",
  },
};

interface Stated {
  readonly url: string;
  readonly object: ProofObject;
  readonly at: Spot;
  leadsTo(service: Model['services']['all'][number]): boolean;
}

function statedUrls(model: Model): Stated[] {
  const pods = grafanaPods(model).flatMap(({ workload, container }) => {
    const stated = container.env.get('GF_SERVER_ROOT_URL');
    const { namespace, labels, object } = workload;
    const leadsTo: Stated['leadsTo'] = (one) =>
      one.namespace === namespace && one.selector.size > 0 && selects(one.selector, labels);
    return stated?.value === undefined ? [] : [{ url: stated.value, object, at: stated.at, leadsTo }];
  });
  const releases = chartReleases(model.objects).flatMap(({ chart, object, partial }) => {
    if (partial || chart !== 'kube-prometheus-stack') return [];
    const base = ['spec', 'values', 'grafana'];
    const places: Path[] = [
      [...base, 'env', 'GF_SERVER_ROOT_URL'],
      [...base, 'grafana.ini', 'server', 'root_url'],
    ];
    // The environment wins over the file.
    const place = places.find((one) => at(object.json, ...one) !== undefined);
    const url = place && text(object.json, ...place);
    const leadsTo: Stated['leadsTo'] = (one) => one.object === object && one.name.endsWith('grafana');
    return place && url !== undefined ? [{ url, object, at: spotOf(object, place), leadsTo }] : [];
  });
  return [...pods, ...releases];
}
