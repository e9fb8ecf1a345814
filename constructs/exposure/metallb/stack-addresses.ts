import type { IConstruct } from 'constructs';
import { stackOrVariant } from '../../kit/stack-of.ts';
import { UserError } from '../../kit/user-error.ts';
import { type AddressRange, overlap } from './address-ranges.ts';

/** A pool, as others of its stack see it. */
interface Pool {
  readonly name: string;
  readonly path: string;
  readonly ranges: readonly AddressRange[];
}

/** An address of a node that something listens at already. */
interface HostAddress {
  readonly ip: string;
  /** Who listens: one controller may be behind several constructs. */
  readonly by: string;
  readonly path: string;
}

/** What is known of addresses in one stack (a variant counts by itself): pools, and the nodes' addresses that are in use. */
interface StackAddresses {
  readonly pools: Pool[];
  readonly hosts: HostAddress[];
}

const known = new WeakMap<IConstruct, StackAddresses>();

/** @throws UserError when a pool of the stack has an address of it already, or it has one of a node that is in use @internal */
export function addPool(scope: IConstruct, pool: Pool): void {
  const { pools, hosts } = addressesOf(scope);
  for (const other of pools) {
    for (const range of pool.ranges) {
      const twin = other.ranges.find((one) => overlap(one, range));
      if (twin)
        throw new UserError(
          `pool '${pool.name}' of '${pool.path}' (${range.text}) and pool '${other.name}' of '${other.path}' (${twin.text}) overlap: metallb refuses both, give each its own addresses`,
        );
    }
  }
  for (const host of hosts) checkApart(pool, host);
  pools.push(pool);
}

/**
 * Says that something listens at ports 80 and 443 of a node's own address, so that no pool of the stack may give it away.
 *
 * @param by names who listens
 * @throws UserError when a pool has it, or something else listens there
 * @internal
 */
export function addHostAddress(scope: IConstruct, ip: string, by: string): void {
  const { pools, hosts } = addressesOf(scope);
  const host = { ip, by, path: scope.node.path };
  const other = hosts.find((one) => one.ip === ip && one.by !== by);
  if (other)
    throw new UserError(
      `'${host.path}' (${by}) and '${other.path}' (${other.by}) would both listen at ports 80 and 443 of ${ip}: give one of them an address of its own`,
    );
  for (const pool of pools) checkApart(pool, host);
  hosts.push(host);
}

function checkApart(pool: Pool, { ip, path }: HostAddress): void {
  const range = pool.ranges.find((one) => one.has(ip));
  if (range)
    throw new UserError(
      `pool '${pool.name}' of '${pool.path}' (${range.text}) holds ${ip}, where '${path}' listens on the node itself: metallb would give it away, take it out of the pool`,
    );
}

function addressesOf(scope: IConstruct): StackAddresses {
  const place = stackOrVariant(scope);
  const found = known.get(place) ?? { pools: [], hosts: [] };
  known.set(place, found);
  return found;
}
