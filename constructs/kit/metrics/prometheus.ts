import type { Metrics } from './metric.ts';

const pool = ['scrape_job'] as const;
const group = ['rule_group'] as const;
const none = [] as const;

/** What Prometheus writes of each target (3.13), and what it tells of itself (read from a running one). */
export const prometheus = {
  up: { type: 'gauge', labels: none },
  scrape_duration_seconds: { type: 'gauge', labels: none },
  scrape_samples_scraped: { type: 'gauge', labels: none },
  scrape_samples_post_metric_relabeling: { type: 'gauge', labels: none },
  scrape_series_added: { type: 'gauge', labels: none },
  ALERTS: { type: 'gauge', labels: ['alertname', 'alertstate', 'severity'] },
  prometheus_build_info: {
    type: 'gauge',
    labels: ['branch', 'goarch', 'goos', 'goversion', 'revision', 'tags', 'version'],
  },
  prometheus_config_last_reload_successful: { type: 'gauge', labels: none },
  prometheus_config_last_reload_success_timestamp_seconds: { type: 'gauge', labels: none },
  prometheus_engine_queries: { type: 'gauge', labels: none },
  prometheus_http_requests_total: { type: 'counter', labels: ['code', 'handler'] },
  prometheus_http_request_duration_seconds: { type: 'histogram', labels: ['handler'] },
  prometheus_notifications_alertmanagers_discovered: { type: 'gauge', labels: none },
  prometheus_notifications_dropped_total: { type: 'counter', labels: ['alertmanager'] },
  prometheus_notifications_errors_total: { type: 'counter', labels: ['alertmanager'] },
  prometheus_notifications_sent_total: { type: 'counter', labels: ['alertmanager'] },
  prometheus_remote_storage_samples_in_total: { type: 'counter', labels: none },
  prometheus_remote_storage_exemplars_in_total: { type: 'counter', labels: none },
  prometheus_rule_evaluations_total: { type: 'counter', labels: group },
  prometheus_rule_evaluation_failures_total: { type: 'counter', labels: group },
  prometheus_rule_group_last_duration_seconds: { type: 'gauge', labels: group },
  prometheus_rule_group_interval_seconds: { type: 'gauge', labels: group },
  prometheus_rule_group_iterations_missed_total: { type: 'counter', labels: group },
  prometheus_rule_group_iterations_total: { type: 'counter', labels: group },
  prometheus_sd_discovered_targets: { type: 'gauge', labels: ['config', 'name'] },
  prometheus_target_scrape_pool_targets: { type: 'gauge', labels: pool },
  prometheus_target_scrapes_exceeded_sample_limit_total: { type: 'counter', labels: none },
  prometheus_target_scrapes_sample_duplicate_timestamp_total: { type: 'counter', labels: none },
  prometheus_target_scrapes_sample_out_of_order_total: { type: 'counter', labels: none },
  prometheus_target_sync_failed_total: { type: 'counter', labels: pool },
  prometheus_tsdb_compactions_failed_total: { type: 'counter', labels: none },
  prometheus_tsdb_compactions_total: { type: 'counter', labels: none },
  prometheus_tsdb_exemplar_exemplars_in_storage: { type: 'gauge', labels: none },
  prometheus_tsdb_head_samples_appended_total: { type: 'counter', labels: ['type'] },
  prometheus_tsdb_head_series: { type: 'gauge', labels: none },
  prometheus_tsdb_out_of_order_samples_total: { type: 'counter', labels: ['type'] },
  prometheus_tsdb_reloads_failures_total: { type: 'counter', labels: none },
  prometheus_tsdb_reloads_total: { type: 'counter', labels: none },
  prometheus_tsdb_retention_limit_bytes: { type: 'gauge', labels: none },
  prometheus_tsdb_storage_blocks_bytes: { type: 'gauge', labels: none },
  prometheus_tsdb_wal_corruptions_total: { type: 'counter', labels: none },
} as const satisfies Metrics;
