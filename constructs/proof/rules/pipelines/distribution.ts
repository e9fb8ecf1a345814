import { type Distribution, distributions } from '../../../kit/collector-components.ts';
import type { Program } from '../../model/spans/programs.ts';

/** What is known of the build that a program runs. */
export type Build =
  /** A released image. */
  | { readonly is: 'released'; readonly distribution: Distribution; readonly version: string }
  | { readonly is: 'jaeger' }
  /** No image is stated: the operator chooses it, core or (by its chart) k8s, of its own release. */
  | { readonly is: 'operator' }
  /** A configuration alone. */
  | { readonly is: 'unstated' }
  /** Somebody's own image, which may hold anything. */
  | { readonly is: 'own' };

const RELEASED = /^(?:opentelemetry-collector|otelcol)(?:-(contrib|k8s|core))?$/;

/** The build of a program with pipelines, by the name of its image: a mirror keeps the last part of the name. */
export function buildOf({ is, image, object, config }: Program): Build {
  if (object.kind === 'ConfigMap') return { is: is === 'jaeger' ? 'jaeger' : 'unstated' };
  if (!image) return config && !config.verbatim ? { is: 'operator' } : { is: 'own' };
  const name = image.repository.split('/').at(-1) ?? '';
  if (is === 'jaeger' && name === 'jaeger') return { is: 'jaeger' };
  const found = RELEASED.exec(name);
  if (!found) return { is: 'own' };
  const distribution = distributions.find((one) => one === found[1]) ?? 'core';
  return { is: 'released', distribution, version: image.tag };
}

/** In words: `the contrib image 0.159.0`. */
export function buildName(build: Build): string {
  if (build.is === 'released') return `the ${build.distribution} image${build.version === '' ? '' : ` ${build.version}`}`;
  return build.is === 'jaeger' ? 'Jaeger' : 'the collector';
}
