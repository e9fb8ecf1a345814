import type { Construct } from 'constructs';
import { Workload } from '../../kit/index.ts';
import type { BanyandbStorage } from './storage.ts';

const data = '/data';

/** Where each kind of data goes: left alone, all of them go to /tmp (BanyanDB 0.10, docs: configuration). */
const folders = ['stream', 'measure', 'trace', 'property', 'metadata', 'schema-server'];

/** BanyanDB as one server, for the OAP server of the same construct. */
export function makeBanyandb(scope: Construct, image: string, version: string, { disk }: BanyandbStorage): Workload {
  return new Workload(scope, 'banyandb', {
    name: 'skywalking-banyandb',
    version,
    image: `${image}:${version}`,
    // The image says no user. It owns nothing that is written to, so that any number does.
    user: 1000,
    args: ['standalone'],
    // As variables, not flags: which folders there are differs from version to version, and an unknown flag is an error.
    env: Object.fromEntries(
      folders.map((folder) => [`BYDB_${folder.toUpperCase().replaceAll('-', '_')}_ROOT_PATH`, `${data}/${folder}`]),
    ),
    mounts: [
      disk ? { at: data, claim: { name: 'skywalking-banyandb', ...disk } } : { at: data, scratch: 'disk' },
      { at: '/tmp', scratch: 'disk' },
    ],
    ports: [
      { name: 'grpc', port: 17912 },
      { name: 'http', port: 17913 },
    ],
    service: [
      { name: 'grpc', port: 17912, appProtocol: 'grpc' },
      { name: 'http', port: 17913, appProtocol: 'http' },
    ],
    readiness: { get: '/api/healthz', port: 17913, period: 5 },
    liveness: { get: '/api/healthz', port: 17913, delay: 30, failures: 6 },
    resources: { cpu: '10m', memory: '256Mi', memoryLimit: '1Gi' },
    sidecar: 'never',
  });
}
