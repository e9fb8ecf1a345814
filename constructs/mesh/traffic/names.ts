import { type Destination, type DestinationVersion, isVersion } from '../../kit/destination.ts';

/** The name of a destination's objects: its Service's, else its host's. */
export function nameOf({ host }: Pick<Destination, 'host'>): string {
  const [name = host, , svc] = host.split('.');
  return svc === 'svc' ? name : host.replace('*', 'any');
}

/** The name of the Service behind a destination; undefined outside the cluster. */
export function serviceName(of: Destination): string | undefined {
  const [name, namespace, svc] = of.host.split('.');
  return svc === 'svc' && namespace === of.namespace ? name : undefined;
}

/** How a destination or version is shown in messages: `reviews.bookinfo`, `reviews.bookinfo v2`, `api.payments.test`. */
export function shownTarget(to: Destination | DestinationVersion): string {
  if (isVersion(to)) return `${shownTarget(to.of)} ${to.version}`;
  return to.host.replace(/\.svc\.cluster\.local$/, '');
}
