import { byCodeUnit } from '../kit/json.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules/index.ts';

const FAMILIES: readonly (readonly [string, string])[] = [
  ['OBJ', 'Objects by themselves'],
  ['REF', 'References between objects'],
  ['RTE', 'Routes and what holds for the traffic they send'],
  ['TRC', 'The way of a trace'],
  ['OBS', 'What dashboards, alerts and logs ask for'],
  ['FLX', 'The rollout by Flux'],
  ['HLM', 'Values of Helm charts'],
  ['EXP', 'Ways in: addresses, hosts, certificates'],
  ['SEC', 'Secrets in plain sight'],
  ['PRD', 'What a lab may do and production may not'],
];

/** The text of docs/findings.md, made from the rules. */
export function findingsPage(): string {
  const families = FAMILIES.map(([prefix, title]) => {
    const own = rules.filter((rule) => rule.code.startsWith(prefix)).sort((a, b) => byCodeUnit(a.code, b.code));
    const sections = own.map(
      ({ code, title: what, severity, docs: { cause, fix, example } }) =>
        `### ${code}: ${what}\n**${severity.charAt(0).toUpperCase()}${severity.slice(1)}.** ${cause} **What to do:** ${fix.charAt(0).toLowerCase()}${fix.slice(1)}\n\`\`\`yaml\n${example}\n\`\`\``,
    );
    return [`## ${title}`, index(own), ...sections].join('\n\n');
  });
  return `${[INTRODUCTION, ...families, ACKNOWLEDGING].join('\n\n')}\n`;
}

/** Links to the sections, as GitHub names them. */
function index(rules: readonly Rule[]): string {
  const rows = rules.map(({ code, title, severity }) => {
    const anchor = `${code} ${title}`
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
    return `| [${code}](#${anchor}) | ${severity} | ${title} |`;
  });
  return ['| code | severity | what |', '| --- | --- | --- |', ...rows].join('\n');
}

const INTRODUCTION = `# Finding codes

<!-- Made from constructs/proof/rules by \`npx tsx tools/findings.ts\`: do not edit. -->

Every synth, and \`npx meshwright check\` on any YAML, holds the objects against these rules. An error fails a synth and makes \`check\`
exit 1; a warning or an info does not. One fault gives one finding, at its cause; other objects that suffer from it are named in it.

What the input does not show is not called wrong: a Service is missing only if its namespace has other Services or workloads in the input.`;

const ACKNOWLEDGING = `## Accepting a finding

A finding that is fine where it stands is acknowledged with a reason: in code with \`acknowledge(construct, 'TRC002', 'the vendor adds it')\`,
and for \`check\` in a file given with \`--acknowledge\`:

\`\`\`yaml
- code: TRC002
  object: IstioOperator/istio-system/mesh   # as the finding says it; left out, it holds for every object
  reason: the vendor's agent adds the Service
\`\`\`

### ACK001: an acknowledgement matches no finding

Severity: info.

What to do: remove it, or correct its code, object or path.`;
