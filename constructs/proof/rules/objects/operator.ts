import { nearest } from '../../../kit/nearest.ts';
import { fields, text } from '../../json-path.ts';
import type { SchemaProblem } from '../../schemas.ts';
import type { Path, ProofObject } from '../../types.ts';

// All there are in Istio 1.30 (operator/pkg/apis): the kind has no CRD, so no schema either.
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'spec',
    [
      ...['profile', 'hub', 'tag', 'namespace', 'revision', 'compatibilityVersion', 'meshConfig', 'installPackagePath'],
      ...['components', 'values', 'unvalidatedValues'],
    ],
  ],
  ['spec.components', ['base', 'pilot', 'cni', 'ztunnel', 'istiodRemote', 'ingressGateways', 'egressGateways']],
]);
// Istio 1.30, manifests/profiles.
const PROFILES = 'ambient default demo empty minimal openshift openshift-ambient preview remote stable'.split(' ');
const REVISION = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What is wrong with an IstioOperator file, which has no schema: its own fields, profile and revision. */
export function operatorProblems({ json }: ProofObject): SchemaProblem[] {
  const unknown = [...FIELDS].flatMap(([place, known]) => {
    const path = place.split('.');
    return Object.keys(fields(json, ...path))
      .filter((key) => !known.includes(key))
      .map((key): SchemaProblem => {
        const hint = hintOf(key, known, `known fields: ${[...known].sort().join(', ')}`);
        return { problem: 'unknown-field', path: [...path, key], message: `unknown field ${place}.${key}`, hint };
      });
  });
  const profile = text(json, 'spec', 'profile');
  const revisions: Path[] = [
    ['spec', 'revision'],
    ['spec', 'values', 'revision'],
  ];
  return [
    ...unknown,
    // Anything that looks like a file or an address is one.
    ...(profile === undefined || PROFILES.includes(profile) || /[/.]/.test(profile)
      ? []
      : [
          notAllowed(
            ['spec', 'profile'],
            `spec.profile is "${profile}", which Istio does not have`,
            hintOf(profile, PROFILES, `profiles: ${PROFILES.join(', ')}`),
          ),
        ]),
    ...revisions.flatMap((path) => {
      const revision = text(json, ...path);
      if (revision === undefined || REVISION.test(revision)) return [];
      const message = `${path.join('.')} is "${revision}", must be a DNS label: it becomes part of names`;
      return [notAllowed(path, message, 'use lower case letters, digits and -, for example 1-30-3')];
    }),
  ];
}

function notAllowed(path: Path, message: string, hint: string): SchemaProblem {
  return { problem: 'not-allowed', path, message, hint };
}

function hintOf(name: string, known: readonly string[], otherwise: string): string {
  const near = nearest(name, known);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}
