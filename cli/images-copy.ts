import type { Needed, NeededChart, NeededImage } from '../constructs/ledger.ts';

/**
 * Commands that copy what is needed into the mirror, for `sh`: skopeo 1 for images, Helm 3.8 or later for charts, which it pulls into the
 * working folder. The same needs give the same text. What is not mirrored is told in comments.
 */
export function copyScript({ images, charts }: Needed): string {
  return ['set -eu', ...images.map(copyImage), ...charts.flatMap(copyChart), ''].join('\n');
}

/** All architectures of it, under the tag. A digest says which image: skopeo takes no name with both. */
function copyImage({ image, upstream }: NeededImage): string {
  if (upstream === undefined) return `# not from a public registry: ${comment(image)}`;
  const [source = upstream] = upstream.split('@');
  const [target = image] = image.split('@');
  const digest = image.split('@')[1];
  const hasTag = source.includes(':', source.lastIndexOf('/') + 1);
  const from = digest === undefined ? upstream : `${hasTag ? source.slice(0, source.lastIndexOf(':')) : source}@${digest}`;
  const to = hasTag || digest === undefined ? target : image;
  return `skopeo copy --all ${quoted(`docker://${from}`)} ${quoted(`docker://${to}`)}`;
}

function copyChart({ chart, version, source, upstream }: NeededChart): string[] {
  if (upstream === undefined) return [`# not from a public repository: ${comment(`${chart} ${version}, ${source}`)}`];
  const isOci = upstream.startsWith('oci://');
  const whole = upstream.endsWith(`/${chart}`) ? upstream : `${upstream}/${chart}`;
  const home = source.endsWith(`/${chart}`) ? source.slice(0, -chart.length - 1) : source;
  return [
    isOci
      ? `helm pull ${quoted(whole)} --version ${quoted(version)}`
      : `helm pull ${quoted(chart)} --repo ${quoted(upstream)} --version ${quoted(version)}`,
    `helm push ${quoted(`${chart}-${version}.tgz`)} ${quoted(home)}`,
  ];
}

/** Names may come from anybody's YAML. */
function quoted(word: string): string {
  return /^[\w./:@+-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function comment(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
