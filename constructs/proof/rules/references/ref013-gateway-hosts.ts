import { byCodeUnit } from '../../../kit/json.ts';
import { groupBy } from '../../group-by.ts';
import type { Gateway, SecureHost } from '../../model/gateways.ts';
import { labelText } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, ProofObject } from '../../types.ts';
import { APART, apartCause, liveApart } from '../apart.ts';

export const gatewayHosts: Rule = {
  code: 'REF013',
  title: 'two Gateways take the same host over TLS on the same pods',
  severity: 'error',
  run: (model) => {
    const servers = model.gateways.all.flatMap((gateway) =>
      gateway.secure.map((server) => ({ ...server, object: gateway.object, key: keyOf(gateway, server) })),
    );
    return [...groupBy(servers, (server) => server.key).values()].flatMap((same): Fault[] => {
      const [first] = same;
      const second = same.find((server) => server.object !== first?.object);
      return first && second && first.object.id !== second.object.id ? [clash(first, second)] : [];
    });
  },
  docs: {
    cause:
      'Gateways with the same selector share a listener for each port. Over TLS a host can be taken once: of two servers Istio keeps that of the older Gateway and drops the other one with all its hosts (IST0145 of `istioctl analyze`). Over plain HTTP the two are merged and all is well. In plain files of different folders, which may be two environments, it is only a warning.',
    fix: 'Keep the host in one Gateway, and let the routes of the other name that one; or give the other its own pods, port or host.',
    example:
      'kind: Gateway   # a second one, and the first has the same selector, port and host\nspec:\n  selector: {istio: ingressgateway}\n  servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.mesh.test], tls: {mode: SIMPLE, credentialName: b}}]',
  },
};

/** What tells apart who listens, where and for whom: a host `./NAME` is that of the Gateway's own namespace. */
function keyOf(gateway: Gateway, { host, port, bind }: SecureHost): string {
  const pods = labelText(new Map([...gateway.selector].sort(([a], [b]) => byCodeUnit(a, b))));
  return [pods, port, bind, host.replace(/^\.\//, `${gateway.namespace}/`)].join(' ');
}

interface Server extends SecureHost {
  readonly object: ProofObject;
}

function clash(first: Server, second: Server): Fault {
  const message = `host "${second.host}" on port ${second.port} is also taken by ${first.object.id}: of two TLS servers Istio drops one`;
  return liveApart(first.object, second.object)
    ? { at: second.at, message, hint: APART, severity: 'warning', cause: apartCause([first.object, second.object]) }
    : { at: second.at, message, hint: 'keep the host in one Gateway', cause: `servers ${first.object.id} ${second.object.id}` };
}
