import { nodePortsOf } from '../../model/exposure/node-ports.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { clash } from './clash.ts';

const [FIRST, LAST] = [30000, 32767];

export const nodePort: Rule = {
  code: 'EXP011',
  title: 'a NodePort that is out of range or taken',
  severity: 'error',
  run: (model) => {
    const all = nodePortsOf(model);
    const seen = new Map<string, (typeof all)[number]>();
    return all.flatMap((one): Fault[] => {
      const { port, protocol, object, at } = one;
      if (port < FIRST || port > LAST) {
        const hint = `take a port of ${FIRST}-${LAST}, or leave it out`;
        return [{ at, message: `${port} is outside ${FIRST}-${LAST}, the ports that nodes give away`, hint }];
      }
      const key = `${protocol} ${port}`;
      const first = seen.get(key);
      if (!first) {
        seen.set(key, one);
        return [];
      }
      // One object in two files is told as such (OBJ001).
      if (first.object !== object && first.object.id === object.id) return [];
      const whose = first.object === object ? `another port of it (${first.at.field})` : first.object.id;
      const message = `${port} (${protocol}) is taken by ${whose}`;
      return [
        clash(model, first.object, object, {
          at,
          message,
          hint: 'take another port, or leave it out',
          cause: `node port ${key}`,
        }),
      ];
    });
  },
  docs: {
    cause:
      'The API server gives Services ports of 30000-32767 (unless started with another --service-node-port-range), each to one Service of the whole cluster. It refuses others, and the second Service that asks for a taken one. Ports in the values of gateways’ and ingress controllers’ charts count too. In plain files of different folders a port that is taken is a warning.',
    fix: 'Take a free port, or leave `nodePort` out.',
    example: 'kind: Service\nspec: {type: NodePort, ports: [{port: 80, nodePort: 8080}]}',
  },
};
