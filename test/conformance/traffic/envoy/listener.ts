import type { Json, JsonObject } from '../../../../constructs/kit/json.ts';
import { at, fields, items, text } from '../../../../constructs/proof/json-path.ts';
import type { EnvoyDump } from './dump.ts';

/** A connection that arrives at a proxy's listener. */
export interface Connection {
  /** Where the client wanted to go. */
  readonly address: string;
  readonly port: number;
  /** The name in the TLS greeting; undefined for plain text. */
  readonly sni?: string;
  /** What the client offers to speak. */
  readonly protocols: readonly string[];
}

/** The chain that takes a connection; undefined where nothing does. */
export type Chain = JsonObject | undefined;

/** The listener for an original destination: the one of its address, the one of its port, else the catch-all that iptables lead to. */
export function outboundListener(dump: EnvoyDump, { address, port }: Connection): JsonObject | undefined {
  const { listeners } = dump;
  return listeners.get(`${address}_${port}`) ?? listeners.get(`0.0.0.0_${port}`) ?? listeners.get('virtualOutbound');
}

/** The chain of a listener, chosen as listener.v3.FilterChainMatch says: port, address, server name, transport, application protocol, in that order. */
export function chainFor(listener: JsonObject, connection: Connection): Chain {
  let best: { readonly ranks: readonly number[]; readonly chain: JsonObject } | undefined;
  for (const one of items(listener, 'filterChains')) {
    const ranks = ranksOf(fields(one, 'filterChainMatch'), connection);
    if (ranks && (!best || isHigher(ranks, best.ranks))) best = { ranks, chain: fields(one) };
  }
  const fallback = fields(listener, 'defaultFilterChain');
  return best?.chain ?? (Object.keys(fallback).length > 0 ? fallback : undefined);
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  const place = a.findIndex((rank, i) => rank !== b[i]);
  return place >= 0 && (a[place] ?? 0) > (b[place] ?? 0);
}

/** How specific each condition is that holds; undefined when one does not. */
function ranksOf(match: JsonObject, { address, port, sni, protocols }: Connection): number[] | undefined {
  const ranks: number[] = [];
  const rank = (condition: boolean, holds: () => number | false): boolean => {
    const value = condition ? holds() : 0;
    if (value !== false) ranks.push(value);
    return value !== false;
  };
  const texts = (key: string) => items(match, key).map(String);
  const held =
    rank(match.destinationPort !== undefined, () => match.destinationPort === port && 1) &&
    rank(items(match, 'prefixRanges').length > 0, () => inRanges(items(match, 'prefixRanges'), address)) &&
    rank(texts('serverNames').length > 0, () => serverNameRank(texts('serverNames'), sni)) &&
    rank(
      text(match, 'transportProtocol') !== undefined,
      () => match.transportProtocol === (sni === undefined ? 'raw_buffer' : 'tls') && 1,
    ) &&
    rank(
      texts('applicationProtocols').length > 0,
      () => texts('applicationProtocols').some((one) => protocols.includes(one)) && 1,
    );
  return held ? ranks : undefined;
}

function serverNameRank(names: readonly string[], sni: string | undefined): number | false {
  if (sni === undefined) return false;
  const ranks = names.map((name) => {
    if (name === sni) return 1000;
    return name.startsWith('*.') && sni.endsWith(name.slice(1)) ? name.length : 0;
  });
  const best = Math.max(...ranks);
  return best > 0 && best;
}

function inRanges(ranges: readonly Json[], address: string): number | false {
  const lengths = ranges.flatMap((range) => {
    const length = Number(at(range, 'prefixLen') ?? 0);
    const [own, wanted] = [bits(address), bits(text(range, 'addressPrefix') ?? '')];
    return own && wanted && own.slice(0, length) === wanted.slice(0, length) ? [length + 1] : [];
  });
  return lengths.length > 0 && Math.max(...lengths);
}

/** IPv4 only; undefined for what is no such address. */
function bits(address: string): string | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.map((part) => part.toString(2).padStart(8, '0')).join('');
}

/** The settings of a chain's filter of this name; undefined when it has none. */
export function filterOf(chain: JsonObject, name: string): JsonObject | undefined {
  const found = items(chain, 'filters').find((one) => text(one, 'name') === name);
  return found === undefined ? undefined : fields(found, 'typedConfig');
}
