import { writeFileSync } from 'node:fs';
import { alertsPage } from '../constructs/observability/alerts/page.ts';

// Writes docs/alerts.md from the alerts; a test holds the committed page against them.
writeFileSync(new URL('../docs/alerts.md', import.meta.url), alertsPage());
