import type { Model } from '../model/model.ts';
import { factsOf } from './facts.ts';
import { findSection } from './find.ts';
import { removalSection } from './removal.ts';
import { waySection } from './way.ts';
import { waysInSection } from './ways-in.ts';
import { whySection } from './why.ts';

/**
 * The runbook of a stack as Markdown: which way its spans go, how to open its pages, how to find a trace and why there may be none, and how to
 * take the stack away again; with its own names.
 *
 * @param stack the stack's name, as `dist/NAME`
 */
export function runbook(model: Model, stack: string): string {
  const facts = factsOf(model, stack);
  const title = `# Stack ${stack}\n\n<!-- Made from dist/${stack} by \`npx tsx tools/runbooks.ts\`: do not edit. -->`;
  const sections = [waySection(facts), waysInSection(facts), findSection(facts), whySection(facts), removalSection(facts)];
  return `${[title, ...sections].filter((section) => section !== '').join('\n\n')}\n`;
}
