import { groupBy } from '../../group-by.ts';
import { items, text } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';
import { type Fault, spotOf } from '../../types.ts';
import { liveApart } from '../apart.ts';
import { words } from './virtual-services.ts';

export const serviceEntry: Rule = {
  code: 'RTE020',
  title: 'a ServiceEntry that contradicts itself or another one',
  severity: 'warning',
  run: (model) => {
    const entries = model.kind('ServiceEntry').filter(({ group }) => group === 'networking.istio.io');
    const hosts = entries.flatMap((object) =>
      words(object, 'spec', 'hosts').map((host, i) => ({
        object,
        host,
        i,
        resolution: text(object.json, 'spec', 'resolution') ?? 'NONE',
      })),
    );
    const wild = hosts.flatMap(({ object, host, i, resolution }): Fault[] => {
      const looked = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';
      if (!host.includes('*') || !looked || items(object.json, 'spec', 'endpoints').length > 0) return [];
      return [
        {
          at: spotOf(object, ['spec', 'hosts', i]),
          severity: 'error',
          message: `a wildcard cannot be looked up by DNS (resolution ${resolution}): Istio refuses it`,
          hint: 'use resolution: NONE, or name the hosts',
        },
      ];
    });
    const twins = [
      ...groupBy(hosts, (one) => `${words(one.object, 'spec', 'exportTo').sort().join()} ${one.host}`).values(),
    ].flatMap((same): Fault[] => {
      const [first] = same;
      const second = same.find((one) => one.resolution !== first?.resolution && one.object.id !== first?.object.id);
      if (!first || !second || liveApart(first.object, second.object)) return [];
      return [
        {
          at: spotOf(second.object, ['spec', 'resolution']),
          message: `host "${second.host}" has resolution ${second.resolution} here and ${first.resolution} in ${first.object.id}: which one holds depends on their age`,
          hint: `use ${first.resolution} in both, or put them into one`,
          cause: `entries ${first.object.id} ${second.object.id}`,
        },
      ];
    });
    return [...wild, ...twins];
  },
  docs: {
    cause:
      'A wildcard host has no address that DNS could tell, so resolution DNS needs endpoints. Of two entries for one host with different resolutions, proxies take that of the older one.',
    fix: 'Use `resolution: NONE` for wildcards, and one entry for each host.',
    example: 'kind: ServiceEntry\nspec:\n  hosts: ["*.example.com"]\n  resolution: DNS',
  },
};
