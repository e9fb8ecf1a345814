import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { checkDnsLabel, isLayer, istioProfile, UserError } from '../../kit/index.ts';
import type { Install, InstallInLayer } from './install.ts';
import { SailOperator } from './sail-operator.ts';

/**
 * What the installer would find out only when it runs.
 *
 * @throws UserError for an unknown profile, a revision that is no DNS label, or a layer that the install cannot stand in
 */
export function checkInstall(install: Install, mesh: Construct, rootNamespace: string): void {
  const { path } = mesh.node;
  if (install.by === 'istioctl') istioProfile(install.profile ?? 'default', `mesh '${path}'`);
  if (install.revision !== undefined) checkDnsLabel(install.revision, `revision of '${path}'`);
  if (install.by !== 'helm' && install.by !== 'sail') return;
  checkLayer(install, mesh, rootNamespace);
  checkCni(install, path);
  if (install.by === 'sail') {
    if (install.version !== undefined && !/^\d/.test(install.version)) {
      throw new UserError(
        `istio's version of '${path}' is ${JSON.stringify(install.version)}: write it without 'v', as for every install ('1.30.3')`,
      );
    }
    mesh.node.addValidation({ validate: () => operatorsTooLate(install, path) });
  }
}

function checkCni({ cni, dataplane }: InstallInLayer, path: string): void {
  if (!cni) return;
  if (dataplane !== 'ambient') {
    throw new UserError(
      `mesh '${path}' says where CNI plugins lie, but installs none: leave cni out, or give the install dataplane: 'ambient'`,
    );
  }
  for (const folder of [cni.pluginFolder, cni.configFolder]) {
    if (!folder.startsWith('/'))
      throw new UserError(`folder ${JSON.stringify(folder)} of mesh '${path}' is no absolute path: begin it with '/'`);
  }
}

function checkLayer({ in: layer }: InstallInLayer, mesh: Construct, rootNamespace: string): void {
  const own = Chart.of(mesh);
  const { path } = mesh.node;
  if (layer === own) {
    throw new UserError(
      `mesh '${path}' installs istio into its own layer '${own.node.path}': the CRDs of its Telemetry and PeerAuthentication must be there ` +
        `first, give the install an earlier layer: new Layer(stack, 'istio', { namespace: '${rootNamespace}' })`,
    );
  }
  if (isLayer(own) && !(own.variantOf ?? own).isAfter(layer)) {
    throw new UserError(
      `layer '${own.node.path}' of mesh '${path}' does not come after layer '${layer.node.path}', which installs istio and the CRDs of its ` +
        `Telemetry and PeerAuthentication: say 'after: [${layer.node.id}]'`,
    );
  }
  if (layer.namespace !== rootNamespace) {
    throw new UserError(
      `layer '${layer.node.path}' installs istio into namespace '${layer.namespace}', but the root namespace of mesh '${path}' is ` +
        `'${rootNamespace}', where it looks for istiod: give both layers the same namespace`,
    );
  }
}

/** An operator of the same stack brings the CRDs of the objects. */
function operatorsTooLate({ in: layer }: InstallInLayer, path: string): string[] {
  const stack = layer.node.scope;
  const operators = stack?.node.findAll().filter((one): one is SailOperator => one instanceof SailOperator) ?? [];
  return operators.flatMap((operator) => {
    const home = Chart.of(operator);
    if (isLayer(home) && layer.isAfter(home)) return [];
    return [
      `layer '${layer.node.path}' with the objects that install mesh '${path}' does not come after layer '${home.node.path}', whose ` +
        `operator '${operator.node.path}' brings their CRDs: say 'after: [${home.node.id}]'`,
    ];
  });
}
