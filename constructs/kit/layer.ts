import { Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct, IConstruct } from 'constructs';
import { clusterScoped } from './cluster-scoped.ts';
import { UserError } from './user-error.ts';

const mark = Symbol.for('meshwright.Layer');

/** Whether something is a {@link Layer}. `instanceof` cannot tell: every cdk8s Chart answers yes to it. */
export function isLayer(value: unknown): value is Layer {
  return typeof value === 'object' && value !== null && mark in value;
}

/** @see LayerProps.namespace */
export type LayerNamespace = string | Layer | { readonly existing: string };

/** Options of a {@link Layer}: a step of the rollout, or a variant of one. */
export type LayerProps = {
  /** Labels of every object in the layer. @default none */
  readonly labels?: Readonly<Record<string, string>>;
} & (
  | {
      /**
       * The namespace of the layer's objects. You can pass one of:
       * - a name: the layer owns the namespace and creates it;
       * - another layer: its namespace is shared, that layer (or the one it shares with) owns it;
       * - `{ existing: name }`: the namespace is there already, nobody here creates it.
       */
      readonly namespace: LayerNamespace;
      /** The layers that must be in place before this one. Data for the rollout order, not a cdk8s dependency. @default none */
      readonly after?: readonly Layer[];
      readonly variantOf?: never;
    }
  | {
      /**
       * The layer that this one varies. It shares its namespace and is no step of the rollout: an object of the same kind and name
       * replaces that of the whole stack, others are added, once somebody applies the variant's folder on top.
       */
      readonly variantOf: Layer;
      readonly namespace?: never;
      readonly after?: never;
    }
);

/**
 * A step of the rollout: one folder of the output, one namespace.
 *
 * A Layer is a cdk8s Chart: it can stand in a Stack, and in a plain cdk8s App as well.
 */
export class Layer extends Chart {
  declare readonly namespace: string;
  readonly [mark] = true;
  /** The layers that must be in place before this one. */
  readonly after: readonly Layer[];
  /** The layer that this one varies; undefined for a step of the rollout. */
  readonly variantOf: Layer | undefined;
  private readonly owned: k8s.KubeNamespace | undefined;
  private readonly shared: Layer | undefined;

  /**
   * @throws UserError when another layer of the same stack owns the namespace already, a layer before it is of another stack, the name is not a DNS label, or the varied layer is
   * itself a variant or stands in another stack
   */
  constructor(scope: Construct, id: string, props: LayerProps) {
    const { labels, variantOf } = props;
    const namespace = variantOf ?? props.namespace;
    const name = typeof namespace === 'string' ? namespace : isLayer(namespace) ? namespace.namespace : namespace.existing;
    super(scope, id, { namespace: name, disableResourceNameHashes: true, ...(labels ? { labels: { ...labels } } : {}) });
    checkDnsLabel(id, `layer id`);
    checkDnsLabel(name, `namespace of layer '${this.node.path}'`);
    this.after = [...(props.after ?? [])];
    const stranger = this.after.find((one) => stackOf(one) !== stackOf(this));
    if (stranger) {
      throw new UserError(
        `layer '${this.node.path}' comes after '${stranger.node.path}' of another stack: stacks are rolled out each on its own, put both into one`,
      );
    }
    this.variantOf = variantOf;
    if (variantOf?.variantOf) {
      throw new UserError(
        `layer '${this.node.path}' varies '${variantOf.node.path}', which is a variant itself: vary '${variantOf.variantOf.node.path}'`,
      );
    }
    if (variantOf && variantOf.node.scope !== scope)
      throw new UserError(`layer '${this.node.path}' varies '${variantOf.node.path}' of another stack: put both into one stack`);
    this.shared = isLayer(namespace) ? namespace : undefined;
    if (typeof namespace === 'string') {
      const owner = scope.node.children.find((c): c is Layer => isLayer(c) && c !== this && c.owned?.name === name);
      if (owner) {
        throw new UserError(
          `namespace '${name}' of layer '${this.node.path}' is owned by layer '${owner.node.path}' already: pass that layer as the namespace to share it`,
        );
      }
      this.owned = clusterScoped(new k8s.KubeNamespace(this, 'namespace', { metadata: { name } }));
    }
  }

  /** The layer that creates this layer's namespace; undefined when it exists already. */
  get namespaceOwner(): Layer | undefined {
    return this.owned ? this : this.shared?.namespaceOwner;
  }

  /** Whether it is applied after another layer, by way of others or not. */
  isAfter(other: Layer): boolean {
    const seen = new Set<Layer>();
    const search = ({ after }: Layer): boolean =>
      after.some((one) => one === other || (!seen.has(one) && seen.add(one) && search(one)));
    return search(this);
  }

  /** The value of a label of the layer's namespace. */
  namespaceLabel(key: string): string | undefined {
    return this.namespaceOwner?.owned?.metadata.getLabel(key);
  }

  /**
   * Puts a label on the layer's namespace, in the layer that owns it.
   *
   * @throws UserError when no layer of the program creates the namespace
   */
  labelNamespace(key: string, value: string): void {
    const owner = this.namespaceOwner?.owned;
    if (!owner) {
      throw new UserError(
        `namespace '${this.namespace}' of layer '${this.node.path}' is not created by this program, so it cannot be labelled here: ` +
          `give a layer the namespace by name, or run 'kubectl label namespace ${this.namespace} ${key}=${value}'`,
      );
    }
    owner.metadata.addLabel(key, value);
  }
}

/**
 * The namespace in which a construct's objects land.
 *
 * @throws UserError when its chart has none: an address inside the cluster needs one
 */
export function namespaceOf(scope: Construct): string {
  const { namespace } = Chart.of(scope);
  if (!namespace)
    throw new UserError(`chart '${Chart.of(scope).node.path}' has no namespace: '${scope.node.path}' needs one for its address`);
  return namespace;
}

/**
 * Checks that an object stands in the namespace of what it is for: Istio looks for that in the object's own namespace only (Istio 1.30,
 * selectors and targetRefs).
 *
 * @param where who says so: `'shop/limit'`
 * @param what is there: 'pods', `'reviews'`
 * @throws UserError when it stands in another one
 * @internal
 */
export function checkOwnNamespace(where: string, namespace: string, what: string, of: string): void {
  if (of === namespace) return;
  throw new UserError(
    `${where} is for ${what} of '${of}', but stands in '${namespace}': istio looks in the object's own namespace only, put it into a layer of '${of}'`,
  );
}

/**
 * Checks a name that becomes part of a host name (RFC 1123 label).
 *
 * @throws UserError when it is not one
 */
export function checkDnsLabel(name: string, what: string): void {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new UserError(
      `${what} is ${JSON.stringify(name)}: allowed are lower-case letters, digits and '-', 63 at most, beginning and ending with a letter or digit`,
    );
  }
}

/**
 * Checks labels by name.
 *
 * @throws UserError when the API server would refuse a name or value
 * @internal
 */
export function checkLabels(labels: Readonly<Record<string, string>>, where: string): void {
  const word = '[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?';
  const prefix = /^(?=.{1,253}\/)([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)/;
  for (const [name, value] of Object.entries(labels)) {
    if (!new RegExp(`^${word}$`).test(name.replace(prefix, '')))
      throw new UserError(`${where} has label ${JSON.stringify(name)}: allowed are names like 'tier' and 'site.example/tier'`);
    if (!new RegExp(`^(${word})?$`).test(value)) {
      throw new UserError(
        `label ${name} of ${where} is ${JSON.stringify(value)}: allowed are letters, digits, '-', '_' and '.', 63 at most, beginning and ending with a letter or digit`,
      );
    }
  }
}

/**
 * Checks the name of an object that is no part of a host name (RFC 1123 subdomain).
 *
 * @throws UserError when it is not one
 * @internal
 */
export function checkDnsSubdomain(name: string, what: string): void {
  if (!/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) {
    throw new UserError(
      `${what} is ${JSON.stringify(name)}: allowed are lower-case letters, digits, '-' and '.', 253 at most, beginning and ending with a letter or digit`,
    );
  }
}

/** What stands under the app and holds a layer; undefined for a layer that stands there itself. */
function stackOf({ node }: Layer): IConstruct | undefined {
  return node.scopes.length > 2 ? node.scopes[1] : undefined;
}
