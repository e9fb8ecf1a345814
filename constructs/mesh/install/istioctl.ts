import type { Construct } from 'constructs';
import { istioHub, StackFile, versions } from '../../kit/index.ts';
import { globalValues, type InstallContent } from './content.ts';
import type { IstioctlInstall } from './install.ts';

/** Writes the input file of `istioctl install -f`. */
export function installByIstioctl(mesh: Construct, install: IstioctlInstall, content: InstallContent): void {
  const { rootNamespace: namespace, config, templates } = content;
  const values = {
    ...globalValues(mesh, { namespace }),
    ...(install.istiodEnv ? { pilot: { env: { ...install.istiodEnv } } } : {}),
    ...templates,
  };
  new StackFile(mesh, 'istio-operator', {
    path: 'istioctl/istio-operator.yaml',
    content: () => ({
      apiVersion: 'install.istio.io/v1alpha1',
      kind: 'IstioOperator',
      metadata: { name: 'mesh-default', namespace },
      spec: {
        profile: install.profile ?? 'default',
        hub: install.hub ?? istioHub,
        tag: install.version ?? versions.istio,
        ...(install.revision ? { revision: install.revision } : {}),
        ...(namespace === 'istio-system' ? {} : { namespace }),
        ...(Object.keys(values).length > 0 ? { values } : {}),
        meshConfig: config(),
      },
    }),
  });
}
