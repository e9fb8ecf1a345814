import { describe, expect, it } from 'vitest';
import { TrafficPolicy, VirtualMachines, type VirtualMachinesProps, type VmProbe } from '../constructs/mesh/index.ts';
import { validate } from '../constructs/proof/schemas.ts';
import { layer, object, objects } from './support/synth.ts';

const every: Required<VirtualMachinesProps> = {
  name: 'legacy',
  version: 'v1',
  service: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
  serviceAccount: 'vm',
  addresses: [
    { id: 'a', address: '10.0.0.1', weight: 2, locality: 'west/b' },
    { id: 'b', address: 'vm.site.example' },
  ],
  readiness: { get: '/healthz', port: 8080, delay: 1, period: 5, failures: 2 },
  network: 'site',
  locality: 'west/a',
  labels: { tier: 'old' },
};

function make(props: Partial<VirtualMachinesProps>) {
  const chart = layer('shop');
  return { chart, made: new VirtualMachines(chart, 'vms', { name: 'legacy', version: 'v1', ...props }) };
}

const refused = (props: Partial<VirtualMachinesProps>) => expect(() => make(props));

describe('VirtualMachines', () => {
  it('are a group, an account, an entry for each address and a Service before them', () => {
    const { chart, made } = make(every);
    for (const o of objects(chart)) expect(validate(o), o.kind).toEqual([]);
    const labels = { tier: 'old', app: 'legacy', version: 'v1' };
    expect(object(chart, 'ServiceAccount', 'vm').metadata.namespace).toBe('shop');
    expect(object(chart, 'WorkloadGroup', 'legacy').spec).toEqual({
      metadata: { labels },
      template: { serviceAccount: 'vm', network: 'site', locality: 'west/a' },
      probe: { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 1, periodSeconds: 5, failureThreshold: 2 },
    });
    expect(object(chart, 'WorkloadEntry', 'legacy-a').spec).toEqual({
      address: '10.0.0.1',
      labels,
      serviceAccount: 'vm',
      network: 'site',
      locality: 'west/b',
      weight: 2,
    });
    expect(object(chart, 'WorkloadEntry', 'legacy-b').spec).toMatchObject({ address: 'vm.site.example', locality: 'west/a' });
    expect(object(chart, 'Service', 'legacy').spec.selector).toEqual({ app: 'legacy' });
    expect(made).toMatchObject({ namespace: 'shop', serviceAccount: 'vm', selector: { app: 'legacy' }, version: 'v1' });
    new TrafficPolicy(chart, 'policy', { of: made.service, connections: { max: 1 } });
    expect(object(chart, 'DestinationRule', 'legacy').spec.host).toBe('legacy.shop.svc.cluster.local');
  });

  it('may register themselves: then the group and the account are all', () => {
    const { chart, made } = make({});
    expect(objects(chart).map(({ kind }) => kind)).toEqual(['Namespace', 'ServiceAccount', 'WorkloadGroup']);
    expect(object(chart, 'WorkloadGroup', 'legacy').spec).toEqual({
      metadata: { labels: { app: 'legacy', version: 'v1' } },
      template: { serviceAccount: 'legacy' },
    });
    expect(() => made.service).toThrow("'shop/vms' has no service".replace('shop/vms', 'layer/vms'));
  });

  it('are probed by HTTP, by a connection or by a command', () => {
    const probe = (readiness: VmProbe) => object(make({ readiness }).chart, 'WorkloadGroup', 'legacy').spec.probe;
    expect(probe({ connect: 3306 })).toEqual({ tcpSocket: { port: 3306 } });
    expect(probe({ run: ['true'] })).toEqual({ exec: { command: ['true'] } });
    refused({ readiness: { get: 'healthz', port: 80 } }).toThrow('readiness of \'layer/vms\' asks for "healthz"');
    refused({ readiness: { get: '/', port: 0 } }).toThrow('port 0');
    refused({ readiness: { connect: 80, period: 0 } }).toThrow("period of readiness of 'layer/vms' is 0");
  });

  it('refuse addresses that nobody could reach or tell apart', () => {
    const a = { id: 'a', address: '10.0.0.1' };
    refused({ addresses: [{ id: 'a', address: '10.0.0.1:80' }] }).toThrow("address 'a' of 'layer/vms' is \"10.0.0.1:80\"");
    refused({ addresses: [{ id: 'A', address: '10.0.0.1' }] }).toThrow('id of an address');
    refused({ addresses: [a, { id: 'b', address: '10.0.0.1' }] }).toThrow('both must be unique');
    refused({ addresses: [a, { id: 'a', address: '10.0.0.2' }] }).toThrow('both must be unique');
    refused({ addresses: [{ ...a, weight: 0 }] }).toThrow("weight of address 'a' of 'layer/vms' is 0");
    refused({ addresses: [{ ...a, locality: 'west/*' }] }).toThrow("locality of address 'a' of 'layer/vms' is \"west/*\"");
    refused({ locality: '' }).toThrow('locality of \'layer/vms\' is ""');
    refused({ name: 'Legacy' }).toThrow("name of 'layer/vms'");
  });
});
