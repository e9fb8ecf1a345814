import { byCodeUnit } from '../../kit/json.ts';
import { remember } from '../../kit/remember.ts';
import type { ProofObject } from '../types.ts';
import type { Model } from './model.ts';
import type { Service } from './services.ts';
import { containersOf } from './spans/containers.ts';
import type { Workload } from './workloads.ts';

/** A call that an app is told to do. */
export interface AppCall {
  readonly from: Workload;
  /** A Service, or the ServiceEntry of a host outside. */
  readonly to: { readonly is: 'service'; readonly service: Service } | { readonly is: 'entry'; readonly object: ProofObject };
  /** As written. */
  readonly host: string;
  /** Undefined where only the app knows it. */
  readonly port: number | undefined;
}

/**
 * The calls between apps, as far as the input tells: URLs and hosts of Services in the variables, commands and arguments of containers.
 * What an app calls by its code, or by a file, is not known.
 */
export const callsOf: (model: Model) => readonly AppCall[] = remember((model) =>
  model.workloads.flatMap((workload) => {
    const found = new Map<string, AppCall>();
    for (const { host, port } of addressesIn(workload)) {
      const lookup = model.services.find(host, workload.namespace);
      if (lookup.is !== 'service' && lookup.is !== 'entry') continue;
      const to = lookup.is === 'service' ? { is: lookup.is, service: lookup.service } : { is: lookup.is, object: lookup.object };
      const id = lookup.is === 'service' ? lookup.service.id : `${lookup.object.id} ${host}`;
      const known = found.get(id);
      if (!known || (known.port === undefined && port !== undefined)) found.set(id, { from: workload, to, host, port });
    }
    return [...found].sort(([a], [b]) => byCodeUnit(a, b)).map(([, call]) => call);
  }),
);

interface Address {
  readonly host: string;
  readonly port: number | undefined;
}

// What a variable with a bare host in it is called: REVIEWS_HOSTNAME, CART_ADDR. Others may hold any word.
const HOLDS_HOST = /(HOST|HOSTNAME|ADDR|ADDRESS|URL|URI|ENDPOINT|UPSTREAM|BACKEND|TARGET|SERVER)S?$/i;

function addressesIn(workload: Workload): Address[] {
  return containersOf(workload).flatMap(({ env, args }) => [
    ...[...env].flatMap(([name, { value }]) => (value === undefined ? [] : addresses(value, HOLDS_HOST.test(name)))),
    ...args.flatMap((arg) => addresses(arg, false)),
  ]);
}

function addresses(text: string, bare: boolean): Address[] {
  const urls = [...text.matchAll(/[a-z][a-z0-9+.-]*:\/\/([a-z0-9-][a-z0-9.-]*)(?::(\d+))?/gi)].map(([, host = '', port]) =>
    address(host, port),
  );
  if (urls.length > 0) return urls;
  return text.split(/[\s,;="']+/).flatMap((word) => {
    const [, host, port] = /^([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*)(?::(\d{2,5}))?$/i.exec(word) ?? [];
    return host !== undefined && (bare || port !== undefined || /\.svc(\.|$)/.test(host)) ? [address(host, port)] : [];
  });
}

function address(host: string, port: string | undefined): Address {
  return { host, port: port === undefined ? undefined : Number(port) };
}
