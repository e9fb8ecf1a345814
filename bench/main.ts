import { readFileSync, writeFileSync } from 'node:fs';
import { explaining } from './explain.ts';
import { alertScaling, pictureScaling } from './observability.ts';
import { processes } from './process.ts';
import { dashboardScaling, faultScaling, meshScaling, platformScaling } from './proof-scaling.ts';
import { proofShare } from './proof-share.ts';
import { chain, sameContent, scaling } from './scaling.ts';

/**
 * `npm run bench`: everything (minutes: cdk8s takes most of them). `-- --quick`: small sizes, for CI.
 * `-- --write`: also puts the figures into docs/performance.md.
 */
const quick = process.argv.includes('--quick');
const sections: [string, () => string][] = [
  [
    'Many layers',
    () => (quick ? scaling([50, 100, 200], [200], 3) : scaling([50, 100, 200, 400, 800, 1600], [200, 800, 1600], 5)),
  ],
  ['The same content', () => sameContent(quick ? 20 : 100)],
  ['Layers in a chain', () => chain(quick ? 2 : 5, !quick)],
  ['What the proof costs', () => proofShare(quick ? 3 : 11)],
  [
    'The proof of a large mesh',
    () => (quick ? meshScaling([1250, 2500, 5000], 1) : meshScaling([1250, 2500, 5000, 10000, 20000], 5)),
  ],
  ['The proof of a large platform', () => (quick ? platformScaling([125, 250], 1) : platformScaling([125, 250, 500, 1000], 5))],
  ['Dashboards and rules', () => (quick ? dashboardScaling([20, 40], 1) : dashboardScaling([50, 100, 200], 3))],
  ['Pictures', () => (quick ? pictureScaling([300, 600], 1) : pictureScaling([300, 750, 1500, 3000], 5))],
  ['Alerts and dashboards of many programs', () => (quick ? alertScaling([10, 20], 1) : alertScaling([10, 50, 100, 200], 5))],
  ['One mistake many times', () => (quick ? faultScaling([625, 1250], 1) : faultScaling([625, 1250, 2500, 5000], 5))],
  ['Asking a large mesh', () => explaining(quick ? 3 : 9)],
  ['Whole processes', () => processes(quick ? 3 : 9)],
];

// Each synth says what it wrote; here only the figures are wanted.
console.error = () => {};

let report = '';
for (const [title, run] of sections) {
  const text = `### ${title}\n\n${run()}\n`;
  console.log(text);
  report += `${text}\n`;
}

if (process.argv.includes('--write')) {
  const page = new URL('../docs/performance.md', import.meta.url);
  const marked = /(<!-- figures -->\n)[\s\S]*(<!-- \/figures -->)/;
  const text = readFileSync(page, 'utf8');
  if (!marked.test(text)) throw new Error('docs/performance.md has no <!-- figures --> section');
  writeFileSync(
    page,
    text.replace(marked, (_, open, close) => `${open}\n${report}${close}`),
  );
}
