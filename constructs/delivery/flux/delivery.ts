import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { checkDuration } from '../../kit/duration.ts';
import { isObject } from '../../kit/json.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../../kit/layer.ts';
import { writesStackFiles } from '../../kit/stack-file.ts';
import { UserError } from '../../kit/user-error.ts';
import type { RenderedLayer, RenderedObject, RenderedStack } from '../rendered.ts';
import { rolloutOrder } from '../rollout.ts';
import { type DeletionPolicy, layerKustomization, waitsFor } from './kustomization.ts';
import type { FluxSource } from './source.ts';

/** Options of a {@link FluxDelivery}. */
export interface FluxDeliveryProps {
  /** Where Flux gets the manifests: `gitRepository(…)`, `ociRepository(…)`, or one that stands already. */
  readonly source: FluxSource;
  /** The stack's folder in the source, from its root: './dist/platform'; './' where the folder itself was pushed. @default './dist/<stack>' */
  readonly path?: string;
  /** The source is named so, and each Kustomization `<name>-<layer>`. @default the stack's id */
  readonly name?: string;
  /** An existing namespace, where the source and the Kustomizations stand. @default 'flux-system' */
  readonly namespace?: string;
  /** How often Flux undoes what others changed in the cluster. @default '1h' */
  readonly interval?: string;
  /** How long a layer may take until all of it is ready; more than the longest `timeout` of its Helm releases. @default '15m' */
  readonly timeout?: string;
  /** When to try again what failed. @default '2m' */
  readonly retryInterval?: string;
  /** An existing Secret of the namespace with the age or OpenPGP keys (`*.agekey`, `*.asc`) of the stack's SOPS-encrypted Secrets. @default no layer holds one */
  readonly decryption?: { readonly secret: string };
  /** An existing ServiceAccount of the namespace with whose rights the layers are applied. @default Flux's own */
  readonly serviceAccountName?: string;
  /** What becomes of the layers when somebody deletes their Kustomizations. @default 'WaitForTermination' */
  readonly deletionPolicy?: DeletionPolicy;
}

/** The folder of what delivers a stack. */
const folder = 'flux';

/**
 * Hands a stack to Flux (2.9): `dist/<stack>/flux` gets the source, and for each layer that has objects a Kustomization, which waits for those of
 * the layers in its `after`, applies the layer's folder, waits until all of it is ready, and prunes. Variants stay out.
 *
 * It stands in the stack beside the layers, made before or after them. As the layers need waiting, the stack has no kustomization of the whole.
 */
export class FluxDelivery extends Construct {
  /** Names the source, and begins the names of the Kustomizations. */
  readonly name: string;
  /** Where the source and the Kustomizations stand. */
  readonly namespace: string;
  private readonly props: FluxDeliveryProps;
  private readonly path: string;

  /**
   * @throws UserError when it does not stand in a stack, the path leaves the source, a duration is none, or a name is none for Kubernetes.
   * Synth fails when the stack has a second one or a layer of its folder's name, an encrypted Secret without `decryption`, or layers that wait
   * for each other
   */
  constructor(scope: Construct, id: string, props: FluxDeliveryProps) {
    super(scope, id);
    const where = `'${this.node.path}'`;
    const [stack] = this.node.scopes.slice(1);
    if (stack === undefined || stack === this || this.node.scopes.some((one) => Chart.isChart(one)))
      throw new UserError(
        `flux delivery ${where} stands in ${stack === this ? 'the app' : 'a layer'}: put it into the stack that it delivers`,
      );
    this.props = props;
    this.name = props.name ?? stack.node.id;
    this.namespace = props.namespace ?? 'flux-system';
    this.path = sourcePath(props.path ?? `./dist/${stack.node.id}`, where);
    checkDnsSubdomain(this.name, `name of flux delivery ${where}`);
    checkDnsLabel(this.namespace, `namespace of flux delivery ${where}`);
    for (const key of ['interval', 'timeout', 'retryInterval'] as const) {
      const value = props[key];
      if (value !== undefined) checkDuration(value, `${key} of flux delivery ${where}`);
    }
    if (props.decryption) checkDnsSubdomain(props.decryption.secret, `secret of flux delivery ${where}`);
    if (props.serviceAccountName !== undefined)
      checkDnsSubdomain(props.serviceAccountName, `service account of flux delivery ${where}`);
    this.node.addValidation({
      validate: () =>
        writesStackFiles(this.node.root)
          ? []
          : [
              `nothing would be delivered: only a MeshApp writes the folder ${folder}. Use one, or write the Kustomizations yourself`,
            ],
    });
  }

  /** The name of a layer's Kustomization. @throws UserError when it is too long */
  kustomizationName(layer: string): string {
    const name = `${this.name}-${layer}`;
    // kustomize-controller labels every object with the name (ssa owner labels), and a label's value ends at 63.
    if (name.length > 63) {
      throw new UserError(
        `flux delivery '${this.node.path}' would name the kustomization of layer '${layer}' ${JSON.stringify(name)}, ${name.length} letters where flux can do 63: give it a shorter \`name\``,
      );
    }
    return name;
  }

  /**
   * What the stack's other layers are delivered by.
   *
   * @throws UserError as said at the constructor
   * @internal
   */
  render(stack: Pick<RenderedStack, 'name' | 'layers'>): RenderedLayer {
    const taken = stack.layers.find((layer) => layer.name === folder);
    if (taken) {
      throw new UserError(
        `layer '${stack.name}/${folder}' and flux delivery '${this.node.path}' would share the folder '${stack.name}/${folder}': give the layer another id`,
      );
    }
    const { source, interval = '1h', timeout = '15m', retryInterval = '2m', deletionPolicy = 'WaitForTermination' } = this.props;
    const { serviceAccountName } = this.props;
    const objects: RenderedObject[] = [];
    if (!('existing' in source)) {
      const metadata = { name: source.name ?? this.name, namespace: this.namespace };
      objects.push({ json: source.object(metadata), path: `${this.node.path}/source` });
    }
    const sourceRef = 'existing' in source ? source.existing : { kind: source.kind, name: source.name ?? this.name };
    const settings = {
      ...{ namespace: this.namespace, source: sourceRef, path: this.path, interval, timeout, retryInterval, deletionPolicy },
      ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    };
    for (const [layer, before] of waitsFor(rolloutOrder(stack))) {
      const name = this.kustomizationName(layer.name);
      const dependsOn = before.map((one) => this.kustomizationName(one));
      const json = layerKustomization({ name, layer, dependsOn, keys: this.keysFor(layer) }, settings);
      objects.push({ json, path: `${this.node.path}/${layer.name}` });
    }
    return { name: folder, after: [], objects, delivers: true };
  }

  /** Only layers that hold an encrypted object are given the keys. */
  private keysFor(layer: RenderedLayer): string | undefined {
    const encrypted = layer.objects.find(({ json }) => isObject(json.sops));
    if (encrypted === undefined) return undefined;
    const { decryption } = this.props;
    if (decryption) return decryption.secret;
    throw new UserError(
      `'${encrypted.path}' is encrypted by sops, and flux delivery '${this.node.path}' has no keys for it: name the secret that has them as \`decryption\``,
    );
  }
}

/** A folder of the source as Flux writes it, without a slash at the end. */
function sourcePath(path: string, where: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..') || path.includes('\\')) {
    throw new UserError(
      `path of flux delivery ${where} is ${JSON.stringify(path)}: allowed is a folder inside the source, from its root, such as './dist/platform'`,
    );
  }
  return ['.', ...parts].join('/');
}
