import type { Service } from '../model/services.ts';

/** A port forwarded to one's own machine. */
export interface Forward {
  readonly command: string;
  /** `localhost:8080` */
  readonly at: string;
}

/** Forwards a Service's port to the same number here, or to one that needs no rights. */
export function forward({ namespace, name }: Pick<Service, 'namespace' | 'name'>, port: number, local = localFor(port)): Forward {
  const ports = local === port ? `${port}` : `${local}:${port}`;
  return { command: `kubectl -n ${namespace} port-forward service/${name} ${ports}`, at: `localhost:${local}` };
}

function localFor(port: number): number {
  return port >= 1024 ? port : port === 80 ? 8080 : 8000 + port;
}
