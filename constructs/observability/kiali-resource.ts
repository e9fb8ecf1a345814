import { Construct } from 'constructs';
import { Kiali as KialiObject } from '../../imports/kiali.io.ts';
import { Endpoint, namespaceOf, type Page, type Published } from '../kit/index.ts';
import { kialiPath, kialiPorts, kialiSpec } from './kiali-config.ts';
import type { KialiConfigProps } from './kiali-props.ts';

/** Options of a {@link KialiResource}. */
export interface KialiResourceProps extends KialiConfigProps {
  /**
   * Who gets in: everybody who reaches it, for a lab; or who has a ServiceAccount's token, with that account's rights.
   * The operator makes the key that signs the sessions.
   *
   * @default 'anonymous'
   */
  readonly auth?: 'anonymous' | 'token';
}

/**
 * Kiali by its operator (kiali.io/v1alpha1, operator 2.29): one resource, from which the operator makes the server, its Service `kiali`
 * and its rights. The operator decides the server's version.
 */
export class KialiResource extends Construct implements Published {
  readonly page: Page;

  constructor(scope: Construct, id: string, props: KialiResourceProps) {
    super(scope, id);
    const namespace = namespaceOf(this);
    const spec = kialiSpec(props, props.auth ?? 'anonymous', namespace, this.node.path);
    new KialiObject(this, 'kiali', {
      metadata: { name: 'kiali', namespace },
      spec: {
        ...spec,
        deployment: {
          ...spec.deployment,
          podLabels: { 'sidecar.istio.io/inject': 'false' },
        },
      },
    });
    const endpoint = Endpoint.external({
      protocol: 'http',
      host: `kiali.${namespace}.svc.cluster.local`,
      port: kialiPorts.http,
      path: kialiPath,
    });
    this.page = { name: 'kiali', endpoint, path: kialiPath, sidecar: 'never' };
  }
}
