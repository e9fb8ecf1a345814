import { createServer } from 'node:net';
import { isObject, type Json, type JsonObject } from '../../../constructs/kit/json.ts';
import type { Model } from '../../../constructs/proof/model/model.ts';

/** Where the ports of a stack's programs are on this machine. */
export interface Loopback {
  /** The port on loopback that stands for a container's port. */
  portOf(program: string, containerPort: number): number;
  /** `127.0.0.1:PORT` of a Service's port; undefined when no program that runs here is behind it. */
  authority(host: string, port: number, namespace: string): string | undefined;
}

/**
 * Gives every port of every program of the stack a port on loopback.
 *
 * @param runs whether a program runs here
 */
export function loopback(model: Model, free: readonly number[], runs: (program: string) => boolean): Loopback {
  const left = [...free];
  const given = new Map<string, number>();
  const portOf = (program: string, containerPort: number) => {
    const key = `${program}:${containerPort}`;
    const port = given.get(key) ?? left.shift();
    if (port === undefined) throw new Error('too few free ports were asked for');
    given.set(key, port);
    return port;
  };
  return {
    portOf,
    authority: (host, port, namespace) => {
      const found = model.services.find(host, namespace);
      const behind = found.is === 'service' ? model.programs.behind(found.service, port) : undefined;
      if (!behind || !runs(behind.program.object.id)) return undefined;
      return `127.0.0.1:${portOf(behind.program.object.id, behind.containerPort)}`;
    },
  };
}

/** Ports of loopback that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  return Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          const address = server.address();
          server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
        }),
    ),
  );
}

const LISTEN = /^(?:0\.0\.0\.0|\[::\]|localhost|127\.0\.0\.1|\$\{env:\w+\})?:(\d+)$/;
const CALL = /^(\w+:\/\/)?([a-z0-9.-]+):(\d+)(\/.*)?$/i;

/**
 * Moves a configuration to this machine: where it listens and whom it calls. All else stays as it was published.
 *
 * @param of the program whose configuration it is, by its object's id
 * @param namespace what a short host name means
 */
export function moved(config: JsonObject, of: { readonly id: string; readonly namespace: string }, map: Loopback): JsonObject {
  const visit = (value: Json): Json => {
    if (typeof value === 'string') return movedText(value, of, map);
    if (Array.isArray(value)) return value.map(visit);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, visit(inner)] as const);
    const { host, port } = value;
    // The readers of a collector's own metrics say host and port apart.
    const listens = host === '0.0.0.0' && typeof port === 'number' ? { host: '127.0.0.1', port: map.portOf(of.id, port) } : {};
    return { ...Object.fromEntries(entries), ...listens };
  };
  const result = visit(config);
  return isObject(result) ? result : config;
}

function movedText(text: string, { id, namespace }: { id: string; namespace: string }, map: Loopback): string {
  const [listens, own] = LISTEN.exec(text) ?? [];
  if (listens !== undefined) return `127.0.0.1:${map.portOf(id, Number(own))}`;
  const [calls, scheme = '', host = '', port, path = ''] = CALL.exec(text) ?? [];
  if (calls === undefined) return text;
  const there = map.authority(host, Number(port), namespace);
  return there === undefined ? text : `${scheme}${there}${path}`;
}
