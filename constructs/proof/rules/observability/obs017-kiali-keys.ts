import { nearest } from '../../../kit/nearest.ts';
import { fields } from '../../json-path.ts';
import type { Rule } from '../../rule.ts';

export const kialiKeys: Rule = {
  code: 'OBS017',
  title: 'a setting of Kiali’s backends that Kiali does not know',
  severity: 'warning',
  run: (model) =>
    model.kialis.flatMap(({ config, spot }) => {
      // Those of the operator's resource are held against its schema.
      if (config.object.kind === 'Kiali') return [];
      const services = fields(config.value, 'external_services');
      return [[] as string[], ...Object.keys(KEYS).map((section) => [section])].flatMap((path) => {
        const [section] = path;
        const known = section === undefined ? Object.keys(KEYS) : (KEYS[section] ?? []);
        const stated = Object.keys(section === undefined ? services : fields(services, section));
        return stated.flatMap((key) => {
          // Others come with new releases: only what is nearly one of these, and stands in its place, is a slip.
          const near = known.includes(key) ? undefined : nearest(key, known);
          if (near === undefined || stated.includes(near)) return [];
          const name = ['external_services', ...path, key].join('.');
          return [
            { at: spot([...path, key]), message: `${name} is unknown: Kiali passes it over`, hint: `did you mean "${near}"?` },
          ];
        });
      });
    }),
  docs: {
    cause:
      'A key below `external_services` in Kiali’s ConfigMap, or in the values of its charts, is nearly one that Kiali knows. Its server passes over unknown keys, and takes its default instead.',
    fix: 'Spell the key as Kiali does; `internal_url`, `external_url`, `use_grpc`.',
    example: 'external_services:\n  grafana: {enabled: true, internal_ulr: "http://grafana.monitoring:80"}',
  },
};

const common = ['auth', 'enabled', 'health_check_url', 'is_core'];

// Kiali 2.29, and the older names that it still reads.
const KEYS: Readonly<Record<string, readonly string[]>> = {
  custom_dashboards: ['discovery_auto_threshold', 'discovery_enabled', 'enabled', 'is_core', 'namespace_label', 'prometheus'],
  grafana: [...common, 'dashboards', 'datasource_uid', 'external_url', 'in_cluster_url', 'internal_url', 'url'],
  istio: [
    ...[
      'component_status',
      'config_map_name',
      'envoy_admin_local_port',
      'gateway_api_classes',
      'gateway_api_classes_label_selector',
    ],
    ...[
      'istio_api_enabled',
      'istio_canary_revision',
      'istio_identity_domain',
      'istio_injection_annotation',
      'istio_sidecar_annotation',
    ],
    ...['istio_sidecar_injector_config_map_name', 'istiod_deployment_name', 'istiod_pod_monitoring_port', 'root_namespace'],
    ...['istio_namespace', 'url_service_version', 'validation_change_detection_enabled', 'validation_reconcile_interval'],
  ],
  perses: [...common, 'dashboards', 'external_url', 'internal_url', 'project', 'url_format'],
  prometheus: [
    ...common,
    ...['cache_duration', 'cache_enabled', 'cache_expiration', 'custom_headers', 'query_scope', 'thanos_proxy', 'url'],
  ],
  tracing: [
    ...common,
    ...[
      'custom_headers',
      'disable_version_check',
      'external_url',
      'grpc_port',
      'in_cluster_url',
      'internal_url',
      'namespace_selector',
    ],
    ...[
      'provider',
      'query_scope',
      'query_timeout',
      'tempo_config',
      'url',
      'use_grpc',
      'use_waypoint_name',
      'whitelist_istio_system',
    ],
  ],
};
