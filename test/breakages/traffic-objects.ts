import { add, type Edit } from '../support/breakage.ts';

export const bookinfo = (service: string) => `${service}.bookinfo.svc.cluster.local`;
export const demos = (service: string) => `${service}.demos.svc.cluster.local`;

/** Where the first destination of a rule stands. */
export const host = 'route[0].destination.host';

/** An object more, of a kind of Istio's. */
export const more = (api: string, kind: string, namespace: string, name: string, spec: string): Edit =>
  add(`apiVersion: ${api}/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}`);
