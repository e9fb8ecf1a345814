import type { JsonObject } from '../../../../constructs/kit/json.ts';
import { far, near, object, workload } from './objects.ts';

const security = 'security.istio.io/v1';
const friend = `cluster.local/ns/${near}/sa/client`;

/** Policies, each of which guards a workload of its own. */
const specs: readonly (readonly JsonObject[])[] = [
  [
    {
      rules: [
        { from: [{ source: { principals: [friend] } }], to: [{ operation: { methods: ['GET'], paths: ['/a*', '/exact'] } }] },
      ],
    },
  ],
  [{ action: 'DENY', rules: [{ from: [{ source: { namespaces: [far] } }] }] }],
  [{ rules: [{ to: [{ operation: { notPaths: ['/admin*'], ports: ['8080'] } }] }] }],
  // Allows nobody.
  [{}],
  [
    { rules: [{}] },
    {
      action: 'DENY',
      rules: [
        {
          to: [{ operation: { methods: ['POST'], ports: ['8080'] } }],
          when: [{ key: 'request.headers[end-user]', notValues: ['jason'] }],
        },
      ],
    },
  ],
  [{ rules: [{ from: [{ source: { notNamespaces: [far] } }], to: [{ operation: { paths: ['*/end', '/{*}/one'] } }] }] }],
  [{ rules: [{ to: [{ operation: { hosts: ['guarded-6.*'] } }] }] }],
  [{ rules: [{ when: [{ key: 'source.principal', values: ['*/sa/client'] }] }] }],
];

/** Workloads behind AuthorizationPolicies and PeerAuthentications, the last of which takes mutual TLS only and is sent plain text. */
export const guards: { readonly base: readonly JsonObject[]; readonly policies: readonly JsonObject[] } = {
  base: [...specs.keys(), specs.length].flatMap((i) => {
    const app = `guarded-${i}`;
    const ports = [{ name: 'http', port: 8000, targetPort: 8080 }];
    return [...workload(far, app, 'v1'), object('v1', 'Service', far, app, { selector: { app }, ports })];
  }),
  policies: [
    ...specs.flatMap((list, i) =>
      list.map((spec, n) =>
        object(security, 'AuthorizationPolicy', far, `guarded-${i}-${n}`, {
          selector: { matchLabels: { app: `guarded-${i}` } },
          ...spec,
        }),
      ),
    ),
    object(security, 'PeerAuthentication', far, 'strict', {
      selector: { matchLabels: { app: `guarded-${specs.length}` } },
      mtls: { mode: 'STRICT' },
    }),
    object('networking.istio.io/v1', 'DestinationRule', far, 'plain-text', {
      host: `guarded-${specs.length}`,
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    }),
  ],
};
