import { isIP } from 'node:net';

/** Addresses from one to another, both included. */
export interface AddressRange {
  readonly family: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** An IP address as a number; undefined when it is none. */
export function addressOf(text: string): { readonly family: number; readonly value: bigint } | undefined {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family === 4) return { family, value: joined(text.split('.').map(Number), 8n) };
  return family === 6 ? { family, value: joined(words(text), 16n) } : undefined;
}

/** One entry of a pool as MetalLB reads it (0.16): a CIDR, or a range with both ends; undefined when it is neither. */
export function addressRange(text: string): AddressRange | undefined {
  const ends = text.split('-').map((one) => addressOf(one.trim()));
  const [from, to] = ends;
  if (ends.length === 2 && from && to)
    return from.family === to.family && from.value <= to.value
      ? { family: from.family, from: from.value, to: to.value }
      : undefined;
  const [network = '', prefix = ''] = text.split('/');
  const base = text.split('/').length === 2 ? addressOf(network) : undefined;
  const bits = base?.family === 4 ? 32 : 128;
  if (!base || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(prefix));
  const first = base.value - (base.value % size);
  return { family: base.family, from: first, to: first + size - 1n };
}

/** Indexes things by their ranges: those that have an address in common with a range are found, in their order, by halving. */
export function rangeIndex<T extends { readonly range: AddressRange }>(all: readonly T[]): (range: AddressRange) => readonly T[] {
  const sorted = all.map((one, order) => ({ one, order })).sort((a, b) => compare(a.one.range, b.one.range));
  let last: AddressRange | undefined;
  // The end of what begins before: seldom beyond the next beginning.
  const ends = sorted.map(({ one: { range } }) => {
    last = last?.family === range.family && last.to > range.to ? last : range;
    return last.to;
  });
  return (range) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const one = sorted[middle]?.one.range;
      if (one && compare(one, { ...range, from: range.to }) <= 0) low = middle + 1;
      else high = middle;
    }
    const found: typeof sorted = [];
    for (let i = low - 1; i >= 0; i--) {
      const [one, end] = [sorted[i], ends[i]];
      if (!one || end === undefined || one.one.range.family !== range.family || end < range.from) break;
      if (one.one.range.to >= range.from) found.push(one);
    }
    return found.sort((a, b) => a.order - b.order).map(({ one }) => one);
  };
}

function compare(a: AddressRange, b: AddressRange): number {
  return a.family - b.family || (a.from < b.from ? -1 : a.from > b.from ? 1 : 0);
}

function joined(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bits) | BigInt(part), 0n);
}

/** The eight words of an IPv6 address, in any of its spellings. */
function words(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const [before, after] = [wordsOf(head), wordsOf(tail ?? '')];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

function wordsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').flatMap((one) => (one.includes('.') ? dotted(one) : [Number.parseInt(one, 16)]));
}

function dotted(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}
