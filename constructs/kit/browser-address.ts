import type { Exposed, Page } from './capabilities.ts';

/** The addresses of each page, in the order of their publication. */
const addressesOf = new WeakMap<Page, string[]>();

/**
 * Remembers where people's browsers open a page: what each exposure's `publish` does. A wildcard, and an address that only the cluster
 * knows, is none that could be written down.
 *
 * @internal
 */
export function rememberAddress(page: Page, { host, url }: Pick<Exposed, 'host' | 'url'>): void {
  if (host.includes('*') || !URL.canParse(url)) return;
  addressesOf.set(page, [...(addressesOf.get(page) ?? []), url]);
}

/**
 * Where people's browsers open a page, once an exposure has published it under one name; of several publications the first by https, else
 * the first. Never an address inside the cluster: that is `page.endpoint`.
 *
 * Ask at synth, in a function that a configuration file or an option calls, for a page is made before it is published. What a variant
 * layer publishes does not count, as it replaces nothing of its base.
 *
 * @param page the construct's own: `grafana.page`
 */
export function browserUrl(page: Page): string | undefined {
  const addresses = addressesOf.get(page) ?? [];
  return addresses.find(isSecure) ?? addresses[0];
}

/** Whether browsers open a page by https and not otherwise. */
export function isSecureOnly(page: Page): boolean {
  const addresses = addressesOf.get(page) ?? [];
  return addresses.length > 0 && addresses.every(isSecure);
}

function isSecure(url: string): boolean {
  return url.startsWith('https:');
}
