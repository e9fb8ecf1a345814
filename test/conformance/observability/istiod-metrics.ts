import { programMetrics } from '../../../constructs/kit/metrics/index.ts';
import type { Cluster } from '../cluster.ts';
import { type Outcome, skipped, verdict } from '../tally.ts';
import { compared, type Exposes } from './exposed.ts';

/** What the rig's istiod has no occasion to count. */
const because = (why: string, names: string) => Object.fromEntries(names.split(' ').map((name) => [name, why]));

const istiod: Exposes = {
  catalogue: programMetrics.istiod,
  notHere: {
    ...because(
      'no proxy stays connected here',
      'pilot_push_triggers pilot_proxy_convergence_time pilot_proxy_queue_time pilot_xds_expired_nonce pilot_xds_write_timeout',
    ),
    ...because(
      'no proxy refuses here what it is told',
      'pilot_xds_cds_reject pilot_xds_eds_reject pilot_xds_lds_reject pilot_xds_rds_reject pilot_total_xds_rejects',
    ),
    ...because(
      'this istiod signs no certificates',
      'citadel_server_csr_count citadel_server_csr_parsing_err_count citadel_server_csr_sign_err_count ' +
        'citadel_server_id_extraction_err_count citadel_server_authentication_failure_count citadel_server_success_cert_issuance_count ' +
        'citadel_server_cert_chain_expiry_timestamp citadel_server_cert_chain_expiry_seconds pilot_sds_certificate_errors_total',
    ),
    ...because(
      'it appears with the first fault',
      'pilot_total_xds_internal_errors pilot_total_rejected_configs pilot_k8s_proxies_with_no_service_targets ' +
        'pilot_k8s_endpoints_with_no_pods galley_validation_failed galley_validation_http_error sidecar_injection_failure_total ' +
        'galley_validation_config_update_error galley_validation_config_load_error',
    ),
    ...because(
      'the stacks that came before it have no use for it',
      'pilot_envoy_filter_status pilot_jwks_resolver_network_fetch_fail_total pilot_jwks_resolver_network_fetch_success_total ' +
        'sidecar_injection_skip_total galley_validation_config_updates',
    ),
  },
};

/** Compares the catalogue with what the rig's istiod tells, after it has told proxies of a stack. */
export async function istiodMetrics(cluster: Cluster): Promise<Outcome[]> {
  const what = 'metrics of a real istiod';
  if (!cluster.rig) return [skipped(what, "only the rig's istiod can be asked")];
  try {
    return await compared(what, istiod, 'http://127.0.0.1:15014/metrics', 3);
  } catch (error) {
    return [verdict(what, [error instanceof Error ? error.message : String(error)])];
  }
}
