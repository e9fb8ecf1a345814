import { at } from '../../json-path.ts';
import { isPatched } from '../../model/flux/patched.ts';
import { rolloutOf } from '../../model/flux/steps.ts';
import { type ChartRelease, chartReleases } from '../../read/charts.ts';
import type { Rule } from '../../rule.ts';
import { spotOf } from '../../types.ts';

export const webhookCertificate: Rule = {
  code: 'HLM005',
  title: 'the OpenTelemetry operator without cert-manager',
  severity: 'warning',
  run: (model) => {
    const { root } = rolloutOf(model);
    const releases = chartReleases(model.objects);
    // Elsewhere the cluster may have a cert-manager that the input does not show.
    const hasOne =
      releases.some(({ chart, object }) => chart?.includes('cert-manager') || object.name.includes('cert-manager')) ||
      model.objects.some(({ group, name }) => group.endsWith('cert-manager.io') || name.includes('cert-manager'));
    if (!root || hasOne) return [];
    return releases
      .filter((release) => wantsCertManager(release) && !isPatched(model, release.object))
      .map(({ object }) => ({
        at: spotOf(object, ['spec', 'values', 'admissionWebhooks', 'certManager', 'enabled']),
        message:
          'the chart asks cert-manager for the certificate of its webhook by default, and no cert-manager is installed here',
        hint: 'set it to false, and autoGenerateCert.enabled to true; or install cert-manager first',
      }));
  },
  docs: {
    cause:
      'The chart of the OpenTelemetry operator makes a Certificate and an Issuer for its webhook unless `admissionWebhooks.certManager.enabled` is false. Without cert-manager the cluster does not know these kinds, and the release fails. Told only where the input shows the repository of the cluster and no cert-manager in it.',
    fix: 'Install cert-manager and let the release depend on it, or let Helm make the certificate.',
    example:
      'kind: HelmRelease   # of chart opentelemetry-operator\nspec: {values: {admissionWebhooks: {certManager: {enabled: true}}}}',
  },
};

function wantsCertManager({ chart, object, partial }: ChartRelease): boolean {
  const webhooks = at(object.json, 'spec', 'values', 'admissionWebhooks');
  return (
    chart === 'opentelemetry-operator' &&
    !partial &&
    at(webhooks, 'create') !== false &&
    at(webhooks, 'certManager', 'enabled') !== false
  );
}
