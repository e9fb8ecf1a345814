import type { JsonObject } from '../../constructs/kit/json.ts';

const names = {
  /** DNS label (RFC 1123): Namespace, Service. */
  label: {
    title: 'a name of lower case letters, digits and -',
    type: ['string', 'null'],
    maxLength: 63,
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  },
  /** What may stand in a URL path: names of RBAC objects (`system:node`) and of IPAddress. */
  'path-segment': { title: 'a name without / and %', type: ['string', 'null'], pattern: '^(?!\\.{1,2}$)[^/%]+$' },
  /** DNS subdomain (RFC 1123), what the API server asks of most names. */
  subdomain: {
    title: 'a name of lower case letters, digits, - and .',
    type: ['string', 'null'],
    maxLength: 253,
    pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
  },
} as const satisfies Readonly<Record<string, JsonObject>>;

const string: JsonObject = { type: ['string', 'null'] };
const integer: JsonObject = { type: ['integer', 'null'] };
const labelKey =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';

/**
 * The metadata of an object, after the rules of the API server (Kubernetes 1.33): the same for every kind but for the name.
 * Every field may be null, which stands for unset.
 */
export function objectMeta(name: keyof typeof names): JsonObject {
  return {
    type: ['object', 'null'],
    additionalProperties: false,
    properties: {
      annotations: {
        type: ['object', 'null'],
        propertyNames: { pattern: labelKey.replaceAll('[a-z0-9]', '[A-Za-z0-9]').replaceAll('[-a-z0-9]', '[-A-Za-z0-9]') },
        additionalProperties: string,
      },
      creationTimestamp: string,
      deletionGracePeriodSeconds: integer,
      deletionTimestamp: string,
      finalizers: { type: ['array', 'null'], items: string },
      generateName: string,
      generation: integer,
      labels: {
        type: ['object', 'null'],
        propertyNames: { pattern: labelKey },
        additionalProperties: {
          title: 'a label value: letters, digits, -, _ and .',
          type: ['string', 'null'],
          maxLength: 63,
          pattern: '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$',
        },
      },
      managedFields: { type: ['array', 'null'] },
      name: names[name],
      namespace: names.label,
      ownerReferences: {
        type: ['array', 'null'],
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['apiVersion', 'kind', 'name', 'uid'],
          properties: {
            apiVersion: string,
            blockOwnerDeletion: { type: ['boolean', 'null'] },
            controller: { type: ['boolean', 'null'] },
            kind: string,
            name: string,
            uid: string,
          },
        },
      },
      resourceVersion: string,
      selfLink: string,
      uid: string,
    },
  };
}
