import { writeFileSync } from 'node:fs';
import { findingsPage } from '../constructs/proof/index.ts';

// Writes docs/findings.md from the rules; a test holds the committed page against them.
writeFileSync(new URL('../docs/findings.md', import.meta.url), findingsPage());
