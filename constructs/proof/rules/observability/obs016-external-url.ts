import { text } from '../../json-path.ts';
import { matchesWildcard, readHost } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import { addressOf } from '../../model/pages/backends.ts';
import type { Kiali } from '../../model/pages/kiali.ts';
import type { Service } from '../../model/services.ts';
import type { Rule } from '../../rule.ts';
import { entrancesOf } from '../../runbook/entrances.ts';
import type { Fault, Spot } from '../../types.ts';
import { liveApart } from '../apart.ts';

export const externalUrl: Rule = {
  code: 'OBS016',
  title: 'a link of Kiali that no browser can open',
  severity: 'warning',
  run: (model) => model.kialis.flatMap((kiali) => links(kiali).flatMap((link) => faultOf(model, kiali, link) ?? [])),
  docs: {
    cause:
      '`external_url` (old: `url`) of Grafana or tracing is what people’s browsers open from Kiali’s pages. It names a Service of the cluster, which no browser finds, or a host that nobody publishes, while the input publishes that very Service under another.',
    fix: 'Write the address that people open in external_url; the cluster’s own belongs into internal_url.',
    example:
      'external_services:\n  grafana: {internal_url: "http://grafana.istio-system:3000", external_url: "http://grafana.istio-system:3000"}',
  },
};

interface Link {
  readonly section: string;
  readonly url: string;
  readonly at: Spot;
  readonly internal: string | undefined;
}

function links({ config, spot }: Kiali): Link[] {
  return ['grafana', 'tracing', 'perses'].flatMap((section) => {
    const value = (key: string) => text(config.value, 'external_services', section, key);
    const key = ['external_url', 'url'].find((one) => value(one) !== undefined);
    const url = key === undefined ? undefined : value(key);
    if (key === undefined || url === undefined || /[{$]/.test(url)) return [];
    return [{ section, url, at: spot([section, key]), internal: value('internal_url') ?? value('in_cluster_url') }];
  });
}

function faultOf(model: Model, kiali: Kiali, { section, url, at, internal }: Link): Fault | undefined {
  const host = addressOf(url)?.host;
  if (host === undefined || host === 'localhost') return undefined;
  const read = readHost(host, kiali.namespace);
  const found = model.services.find(host, kiali.namespace);
  // A short name may be one of the site's DNS too: only where the input has the Service it is known for one.
  const inCluster = /\.svc(\.|$)/.test(host) || (found.is === 'service' && read.is === 'service');
  const behind = serviceOf(model, kiali, internal);
  const hosts = new Set(
    behind
      ? entrancesOf(model)
          .filter(({ service, host: one }) => service === behind && one !== '*')
          .map(({ host: one }) => one)
      : [],
  );
  const known = [...hosts].sort().join(', ');
  if (inCluster)
    return {
      at,
      message: `Kiali's links to ${section} lead to ${url}, a Service of the cluster, which no browser finds`,
      hint: known === '' ? 'write the address that people open, or leave it out' : `it is published as ${known}`,
    };
  if (hosts.size === 0 || [...hosts].some((one) => one === host || matchesWildcard(one, host))) return undefined;
  // Somebody else's gateway may lead there: only a host that the input leads elsewhere, or not at all, is told.
  const elsewhere = entrancesOf(model).some(({ host: one }) => one === '*');
  if (elsewhere) return undefined;
  return {
    at,
    message: `Kiali's links to ${section} lead to ${host}, but it is published as ${known}`,
    hint: 'write the address that people open',
  };
}

function serviceOf(model: Model, { namespace, config }: Kiali, internal: string | undefined): Service | undefined {
  const host = internal === undefined ? undefined : addressOf(internal)?.host;
  const found = host === undefined ? undefined : model.services.find(host, namespace);
  return found?.is === 'service' && !liveApart(found.service.object, config.object) ? found.service : undefined;
}
