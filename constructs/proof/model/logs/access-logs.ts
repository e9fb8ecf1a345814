import type { MeshConfig, Provider } from '../mesh/mesh-config.ts';
import type { Model } from '../model.ts';
import type { Service, ServicePort } from '../services.ts';
import type { Program, Receiver } from '../spans/programs.ts';

/** The way of access logs from the proxies to the first program: a provider that some accessLogging uses, and what the input shows there. */
export interface AccessLogHop {
  readonly provider: Provider;
  readonly mesh: MeshConfig;
  readonly service: Service;
  readonly port: ServicePort;
  /** Who takes it, when the input shows that. */
  readonly program: Program | undefined;
  readonly containerPort: number | undefined;
  readonly receiver: Receiver | undefined;
}

/**
 * The hops of OTLP access logs (`envoyOtelAls`). Those to a Service or port that is not there are left out: the rules of providers tell of
 * them.
 */
export function accessLogHops(model: Model): AccessLogHop[] {
  const used = new Set(
    [...model.telemetries.flatMap((one) => one.providers), ...model.meshConfigs.flatMap((mesh) => mesh.defaults)].flatMap(
      ({ signal, name }) => (signal === 'accessLogging' ? [name] : []),
    ),
  );
  return model.meshConfigs.flatMap((mesh) =>
    mesh.providers.flatMap((provider) => {
      if (provider.type !== 'envoyOtelAls' || !used.has(provider.name)) return [];
      return hopOf(model, mesh, provider) ?? [];
    }),
  );
}

function hopOf(model: Model, mesh: MeshConfig, provider: Provider): AccessLogHop | undefined {
  const host = provider.service?.split('/').at(-1);
  const found = host === undefined ? undefined : model.services.find(host, mesh.rootNamespace);
  if (found?.is !== 'service' || found.service.ports === 'unknown') return undefined;
  const { service } = found;
  const port = found.service.ports.find((one) => one.number === provider.port);
  if (!port) return undefined;
  const behind = model.programs.behind(service, port.number);
  const receiver = behind?.program.receivers.find((one) => one.port === behind.containerPort);
  return { provider, mesh, service, port, program: behind?.program, containerPort: behind?.containerPort, receiver };
}
