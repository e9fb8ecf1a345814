import type { Watched } from '../../kit/index.ts';
import type { Alert } from './alert.ts';
import { alertGroups } from './index.ts';

/** One of everything that can be watched. */
const everything: readonly Watched[] = [
  { is: 'mesh', namespace: 'istio-system', dataplane: 'ambient', traced: true, samplingPercent: 100, mtls: 'strict' },
  ...(['collector', 'jaeger', 'tempo', 'zipkin', 'skywalking', 'loki'] as const).map((is) => ({
    is,
    namespace: 'observability',
    name: is,
  })),
];

/** The text of docs/alerts.md: one section for each alert, under the anchor that its `runbook_url` names. */
export function alertsPage(): string {
  const groups = alertGroups(everything, {}).filter(({ alerts }) => alerts.length > 0);
  const titles = [...new Set(groups.map(({ title }) => title))];
  const sections = titles.map((title) => {
    const alerts = groups.filter((group) => group.title === title).flatMap((group) => group.alerts);
    return [`## ${title}`, ...alerts.map(section)].join('\n\n');
  });
  const all = groups.flatMap(({ alerts }) => alerts);
  return `${[INTRODUCTION, index(all), ...sections, AFTERWORD].join('\n\n')}\n`;
}

function index(alerts: readonly Alert[]): string {
  const rows = alerts.map(
    ({ name, severity, summary }) => `| [${name}](#${name.toLowerCase()}) | ${severity} | ${spoken(summary)} |`,
  );
  return ['| alert | severity | what |', '| --- | --- | --- |', ...rows].join('\n');
}

function section({ name, severity, expr, for: wait, page }: Alert): string {
  return [
    `### ${name}`,
    `**${severity === 'page' ? 'Page' : 'Ticket'}.** ${page.means}`,
    `Look first:\n\n${list(page.look)}`,
    `Do:\n\n${list(page.act)}`,
    `<details><summary>Query${wait === '0s' ? '' : `, true for ${wait}`}</summary>\n\n\`\`\`promql\n${expr}\n\`\`\`\n\n</details>`,
  ].join('\n\n');
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** What a label will say stands as its name: '{{ $labels.pod }}' is *pod*. */
function spoken(text: string): string {
  return text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => `*${label.replaceAll('_', ' ')}*`);
}

const INTRODUCTION = `# Alerts

<!-- Made from constructs/observability/alerts by \`npx tsx tools/alerts.ts\`: do not edit. -->

What to do when one fires. A **page** means that users are hit, or soon will be: look now. A **ticket** waits for working hours.
\`NAMESPACE\`, \`POD\` and the like stand for what the alert's labels say.`;

const AFTERWORD = `## Where they come from

A \`Prometheus\` of this program has the alerts of what it scrapes; \`alertsOf\` makes them for the Prometheus operator:

\`\`\`ts
import { alertsOf, type Bookinfo, type Layer, type Mesh, PrometheusRules } from 'meshwright';

declare const layer: Layer;
declare const mesh: Mesh;
declare const bookinfo: Bookinfo;
const groups = alertsOf(mesh.watched, {
  slos: [{ of: bookinfo.reviews, success: 99.5, faster: { share: 95, thanMs: 250 } }],
  runbooks: 'https://git.example.com/platform/mesh/docs/alerts.md',
});
new PrometheusRules(layer, 'alerts', { groups });
\`\`\`

Without an \`alertmanager\` nobody is told: alerts are seen on Prometheus' page, under Alerts.

Of each service 19 series are recorded: requests, failures and slow ones a second over 5 minutes, their shares over seven windows, and what may go
wrong. So 1,000 services are 19,000 series, whoever calls them. Failures are 5xx answers, and gRPC's Unknown, DeadlineExceeded,
Unimplemented, Internal, Unavailable and DataLoss, as the callers' proxies see them.

Disks are seen where the kubelet measures them: volumes of CSI drivers are, \`hostPath\` and some local ones are not.`;
