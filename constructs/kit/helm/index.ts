export type { ChartImage, ChartImages, ImageKeys } from './chart-images.ts';
export { type ChartName, type ChartSource, charts, type HelmChart } from './charts.ts';
export { HelmRelease, type HelmReleaseProps } from './helm-release.ts';
export type { ExistingChartSource } from './helm-source.ts';
export type { ReleaseOptions } from './release-options.ts';
