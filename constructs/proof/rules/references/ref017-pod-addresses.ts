import { remember } from '../../../kit/remember.ts';
import { readHost } from '../../model/hosts.ts';
import type { Model } from '../../model/model.ts';
import { type Address, addressOf } from '../../model/pages/backends.ts';
import { type Container, containersOf } from '../../model/spans/containers.ts';
import type { Workload } from '../../model/workloads.ts';
import type { Rule } from '../../rule.ts';
import type { Fault, Spot } from '../../types.ts';
import { missingPort, missingService } from '../lookup.ts';

export const podAddresses: Rule = {
  code: 'REF017',
  title: 'a container is told the address of a Service or port that does not exist',
  severity: 'error',
  run: (model) =>
    model.workloads.flatMap((workload) =>
      containersOf(workload).flatMap((container) =>
        addressesOf(container).flatMap((words) => addressFault(model, workload, words) ?? []),
      ),
    ),
  docs: {
    cause:
      'A variable or an argument of a container holds a host of the cluster (NAME.NAMESPACE.svc..., or NAME.NAMESPACE with a scheme or port) that is no Service of that namespace, though the input shows the namespace; or the Service has no such port. The program calls nobody: a storage, the next service of a chain, a collector. In plain files it is a warning: the program may not need it.',
    fix: 'Correct the name or the port.',
    example:
      '- {name: SW_OAP_ADDRESS, value: "http://oap.istio-system.svc.cluster.local:12800"}   # the Service is skywalking-oap',
  },
};

/** An address of the cluster in a variable or an argument. */
interface Words {
  readonly text: string;
  readonly address: Address;
  readonly what: string;
  readonly at: Spot;
}

const addressesOf = remember(({ env, args, argsAt }: Container): readonly Words[] => {
  const variables = [...env].flatMap(([name, { value, at }]) =>
    value === undefined ? [] : parts(value).map((text) => ({ text, what: `variable ${name}`, at })),
  );
  const words = args.flatMap((arg) => parts(arg.replace(/^--?[^=\s]+=/, '')));
  return [...variables, ...words.map((text) => ({ text, what: 'an argument', at: argsAt }))].flatMap((one) => {
    const address = addressOf(one.text);
    return address && isOfCluster(one.text, address.host) ? [{ ...one, address }] : [];
  });
});

/** Lists of addresses are common. Of a script nothing is looked at. */
function parts(value: string): string[] {
  return value.includes('\n') || !value.includes('.') ? [] : value.split(/[,\s]+/).filter((part) => part.includes('.'));
}

function addressFault(model: Model, { namespace, object }: Workload, { text, address, what, at }: Words): Fault | undefined {
  const { host, port } = address;
  const found = model.services.find(host, namespace);
  const fault =
    found.is === 'missing'
      ? missingService(model, { host, namespace, at, what }, found)
      : found.is === 'service' && /:\d+([/?#]|$)/.test(text)
        ? missingPort(found.service, port, { at, what })
        : undefined;
  return fault && object.origin.construct === null ? { ...fault, severity: 'warning' } : fault;
}

/** Whether an address is one of the cluster beyond doubt: `a.b` alone may be a file. */
function isOfCluster(text: string, host: string): boolean {
  const read = readHost(host, '');
  if (read.is !== 'service' || !host.includes('.')) return false;
  return /\.svc(\.|$)/.test(host) || text.includes('://') || /:\d+$/.test(text);
}
