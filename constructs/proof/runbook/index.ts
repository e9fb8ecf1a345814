import type { Model } from '../model/model.ts';
import { alertsSection } from './alerts.ts';
import { factsOf } from './facts.ts';
import { findSection } from './find.ts';
import { journeySection } from './journey.ts';
import { anchorOf } from './markdown.ts';
import { metricsSection } from './metrics.ts';
import { partsSection } from './parts.ts';
import { removalSection } from './removal.ts';
import { restartsSection } from './restarts.ts';
import { waySection } from './way.ts';
import { waysInSection } from './ways-in.ts';
import { whySection } from './why.ts';

/** What a runbook may lean on. */
export interface RunbookOptions {
  /** The page that explains alerts, `../alerts.md`, as text: alerts with a heading of their own there are linked to it. @default none are */
  readonly alertsPage?: string;
}

/**
 * The runbook of a stack as Markdown: what is in it, how a request becomes a trace, how to open its pages, what to ask its metrics, how to
 * find a trace and why there may be none, what must restart after a change, and how to take the stack away again; with its own names.
 *
 * @param stack the stack's name, as `dist/NAME`; its picture is expected as NAME.svg beside the page
 */
export function runbook(model: Model, stack: string, { alertsPage = '' }: RunbookOptions = {}): string {
  const facts = factsOf(model, stack);
  const title = `# Stack ${stack}\n\n<!-- Made from the manifests by \`meshwright runbook\`: do not edit. -->`;
  const sections = [
    partsSection(facts),
    journeySection(facts),
    waySection(facts),
    waysInSection(facts),
    metricsSection(facts),
    findSection(facts),
    alertsSection(facts, alertsPage),
    whySection(facts),
    restartsSection(facts),
    removalSection(facts),
  ].filter((section) => section !== '');
  return `${[title, contents(sections), ...sections].join('\n\n')}\n`;
}

/** The headings in one line, each with its link as GitHub makes it. */
function contents(sections: readonly string[]): string {
  const headings = sections.map((section) => /^## (.*)$/m.exec(section)?.[1] ?? '');
  return headings.map((heading) => `[${heading}](#${anchorOf(heading)})`).join(' · ');
}
