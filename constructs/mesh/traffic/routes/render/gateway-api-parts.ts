import type { Construct } from 'constructs';
import { serviceName } from '../../names.ts';
import type { CheckedHeaders } from '../checks/action-checks.ts';
import type { Place } from '../place.ts';
import type { Target } from '../target.ts';
import { type Backend, backendOf } from './backend.ts';

/** What a route of the Gateway API hangs on: a listener, or the Service whose calls it routes. */
export function parentRef({ at, of, port }: Place) {
  if (at?.api === 'gateway-api') return { ...at.gateway, sectionName: at.section };
  const name = of && serviceName(of);
  return { group: '', kind: 'Service', name: name ?? '', ...(port ? { port: port.port } : {}) };
}

export function backendRefs(scope: Construct, targets: readonly Target[], where: string): (Backend & { weight?: number })[] {
  return targets.map((target) => ({
    ...backendOf(scope, target, where),
    ...(target.percent === undefined ? {} : { weight: target.percent }),
  }));
}

export function headerFilter({ set, add, remove }: NonNullable<CheckedHeaders['request']>) {
  const list = (values: Readonly<Record<string, string>>) => Object.entries(values).map(([name, value]) => ({ name, value }));
  return {
    ...(Object.keys(set).length > 0 ? { set: list(set) } : {}),
    ...(Object.keys(add).length > 0 ? { add: list(add) } : {}),
    ...(remove.length > 0 ? { remove: [...remove] } : {}),
  };
}

/** Whole percents as they are, others as a fraction. */
export function mirrorFilter(backendRef: Backend, percent = 100) {
  if (percent === 100) return { backendRef };
  if (Number.isInteger(percent)) return { backendRef, percent };
  return { backendRef, fraction: { numerator: Math.round(percent * 10_000), denominator: 1_000_000 } };
}
