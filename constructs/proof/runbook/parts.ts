import { components } from './components.ts';
import type { RunbookFacts } from './facts.ts';
import { controlPlane, dataPlane, gateways, injection } from './mesh-parts.ts';
import { rollout } from './rollout.ts';

/** The section that names the building blocks of the mesh, with what the stack really contains. Empty where it contains none. */
export function partsSection(facts: RunbookFacts): string {
  const parts = [dataPlane, controlPlane, gateways, injection, components, rollout].flatMap((part) => part(facts));
  if (parts.length === 0) return '';
  const { stack } = facts;
  return ['## What is in it', `![Stack ${stack}: its mesh, traffic and the way of its spans](${stack}.svg)`, ...parts].join(
    '\n\n',
  );
}
