import { BlockList, isIP, SocketAddress } from 'node:net';
import { UserError } from '../../kit/user-error.ts';

/** One entry of a pool's addresses, as MetalLB reads it. */
export interface AddressRange {
  /** As written. */
  readonly text: string;
  readonly has: (address: string) => boolean;
  /** Addresses inside it by which an overlap shows: its ends, or any of a CIDR. */
  readonly marks: readonly string[];
}

/**
 * Reads a CIDR ('10.34.124.115/32', '2001:db8::/124') or a range ('10.34.124.115-10.34.124.120'), ends included.
 *
 * @param of whose it is, for the message
 * @throws UserError when it is neither
 * @internal
 */
export function addressRange(text: string, of: string): AddressRange {
  const [from = '', to] = text.split('-').map((one) => one.trim());
  const [network = '', prefix] = text.split('/');
  const list = new BlockList();
  try {
    if (to !== undefined && text.split('-').length === 2) {
      list.addRange(canonical(from), canonical(to), familyOf(from));
      return rangeOf(text, list, [canonical(from), canonical(to)]);
    }
    if (prefix !== undefined && /^\d{1,3}$/.test(prefix)) {
      list.addSubnet(canonical(network), Number(prefix), familyOf(network));
      return rangeOf(text, list, [canonical(network)]);
    }
  } catch {
    // Told below, with what is allowed.
  }
  throw new UserError(
    `${of} has the addresses ${JSON.stringify(text)}: allowed are a CIDR ('10.34.124.115/32', '2001:db8::/124') ` +
      `and a range from the lower address to the higher ('10.34.124.115-10.34.124.120')`,
  );
}

/**
 * One spelling for each address: IPv6 has several.
 *
 * @param of whose it is, for the message
 * @throws UserError when it is no IP address
 * @internal
 */
export function checkAddress(address: string, of: string): string {
  if (isIP(address) === 0)
    throw new UserError(`${of} is ${JSON.stringify(address)}: allowed is one IP address ('10.34.124.115', '2001:db8::1')`);
  return canonical(address);
}

/** Whether two entries have an address in common. @internal */
export function overlap(a: AddressRange, b: AddressRange): boolean {
  return a.marks.some(b.has) || b.marks.some(a.has);
}

function rangeOf(text: string, list: BlockList, marks: readonly string[]): AddressRange {
  return { text, marks, has: (address) => list.check(address, familyOf(address)) };
}

function canonical(address: string): string {
  return new SocketAddress({ address, family: familyOf(address) }).address;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
