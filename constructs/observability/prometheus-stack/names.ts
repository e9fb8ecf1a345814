/** Names of the Services that kube-prometheus-stack makes (chart 88, `_helpers.tpl` of the chart and of its sub-chart grafana). */
export function stackServices(release: string): { readonly prometheus: string; readonly grafana: string } {
  return {
    prometheus: `${fullName(release, 'kube-prometheus-stack', 26)}-prometheus`,
    grafana: fullName(release, 'grafana', 63),
  };
}

/** Helm's usual name of a release's objects: the chart's name is left out where the release's holds it already. */
function fullName(release: string, chart: string, letters: number): string {
  const whole = release.includes(chart) ? release : `${release}-${chart}`;
  return whole.slice(0, letters).replace(/-$/, '');
}
