import type { Model } from '../model/model.ts';
import { factsOf } from './facts.ts';
import { findSection } from './find.ts';
import { waySection } from './way.ts';
import { whySection } from './why.ts';

/**
 * The runbook of a stack as Markdown: which way its spans go, how to find one, and why there may be none; with the stack's own names.
 *
 * @param stack the stack's name, as `dist/NAME`
 */
export function runbook(model: Model, stack: string): string {
  const facts = factsOf(model, stack);
  const title = `# Stack ${stack}\n\n<!-- Made from dist/${stack} by \`npx tsx tools/runbooks.ts\`: do not edit. -->`;
  return `${[title, waySection(facts), findSection(facts), whySection(facts)].filter((section) => section !== '').join('\n\n')}\n`;
}
