import { describe, expect, it } from 'vitest';
import {
  type ComponentKind,
  component,
  distributionsWith,
  isOlder,
  missingFrom,
  removedIn,
  spelling,
  typesOf,
} from '../constructs/kit/collector-components.ts';

const kinds: readonly ComponentKind[] = ['receiver', 'processor', 'exporter', 'connector', 'extension'];

describe('the catalogue of collector components', () => {
  it('names every component once, under one name and at most one older one', () => {
    for (const kind of kinds) {
      const types = typesOf(kind);
      const names = types.flatMap((type) => [type, component(kind, type)?.alias ?? []].flat());
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
      for (const type of types) expect(component(kind, type)).toMatchObject({ kind, type, removed: undefined });
    }
  });

  it('knows components by their older names', () => {
    expect(component('exporter', 'otlp')?.type).toBe('otlp_grpc');
    expect(component('exporter', 'otlphttp')?.type).toBe('otlp_http');
    expect(component('processor', 'k8sattributes')?.type).toBe('k8s_attributes');
    expect(component('connector', 'spanmetrics')?.type).toBe('span_metrics');
    expect(component('receiver', 'otlp')?.type).toBe('otlp');
    // Never renamed: no release ever held one of that name.
    expect(component('receiver', 'dockerstats')).toBeUndefined();
    expect(component('exporter', 'fancy')).toBeUndefined();
  });

  it('finds the smallest image that holds them all', () => {
    const core = { kind: 'exporter', type: 'prometheus' } as const;
    const k8s = { kind: 'processor', type: 'k8sattributes' } as const;
    expect(distributionsWith([])).toEqual(['core', 'k8s', 'contrib']);
    expect(distributionsWith([core])).toEqual(['core', 'contrib']);
    expect(distributionsWith([k8s])).toEqual(['k8s', 'contrib']);
    expect(distributionsWith([core, k8s])).toEqual(['contrib']);
    expect(missingFrom('k8s', [core, k8s])).toEqual([core]);
    expect(distributionsWith([{ kind: 'exporter', type: 'fancy' }])).toEqual([]);
  });

  it('knows what went, when, and what does its work today', () => {
    expect(removedIn('exporter', 'logging')).toEqual({ in: '0.111.0', instead: 'the debug exporter' });
    expect(removedIn('exporter', 'logging', '0.110.0')).toBeUndefined();
    expect(removedIn('exporter', 'logging', '0.111.0')).toBeDefined();
    for (const type of ['jaeger', 'jaeger_thrift', 'opencensus', 'loki']) expect(removedIn('exporter', type), type).toBeDefined();
    expect(removedIn('receiver', 'jaeger')).toBeUndefined();
    expect(distributionsWith([{ kind: 'exporter', type: 'logging' }])).toEqual([]);
    expect(distributionsWith([{ kind: 'exporter', type: 'logging' }], '0.110.0')).toEqual(['core', 'k8s', 'contrib']);
  });

  it('spells a component as a release does', () => {
    expect(spelling('exporter', 'otlp_grpc', '0.159.0')).toBe('otlp_grpc');
    expect(spelling('exporter', 'otlp_grpc', '0.120.0')).toBe('otlp');
    expect(spelling('processor', 'batch', '0.120.0')).toBe('batch');
  });

  it('compares versions by number', () => {
    expect(isOlder('0.99.0', '0.111.0')).toBe(true);
    expect(isOlder('v0.111.0-amd64', '0.111.0')).toBe(false);
    expect(isOlder('0.111', '0.111.1')).toBe(true);
    expect(isOlder('1.0.0', '0.111.0')).toBe(false);
    expect(isOlder('nightly', '0.111.0')).toBe(false);
  });
});
