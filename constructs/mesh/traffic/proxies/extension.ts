import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { TrafficExtension as TrafficExtensionObject, WasmPlugin } from '../../../../imports/extensions.istio.io.ts';
import { type JsonObject, namespaceOf, UserError } from '../../../kit/index.ts';
import { checkDnsSubdomain } from '../../../kit/layer.ts';
import { type WasmModule, wasmFields } from './extension-module.ts';
import { type ExtensionOrder, type ExtensionTarget, type ExtensionTraffic, targetFields } from './extension-target.ts';

interface ExtensionProps extends ExtensionOrder {
  /** Of the object. @default the construct's id */
  readonly name?: string;
  /** What traffic it sees; one of them suffices. @default all */
  readonly match?: readonly [ExtensionTraffic, ...ExtensionTraffic[]];
}

/** Options of a {@link WasmExtension}. */
export type WasmExtensionProps = ExtensionProps &
  ExtensionTarget &
  WasmModule & {
    /** Whether it reads HTTP, or bytes. @default 'http' */
    readonly type?: 'http' | 'network';
  };

/**
 * A Wasm module in the proxies' filters: one WasmPlugin, for every Istio that is still in use. The object is the WasmPlugin itself.
 *
 * The proxy pulls the module, so in a cluster without a way out its `registry` is the mirror.
 */
export class WasmExtension extends ApiObject {
  /** @throws UserError when the module has no fixed version or address, a port is out of range, or its target stands elsewhere */
  constructor(scope: Construct, id: string, props: WasmExtensionProps) {
    const where = `'${scope.node.path}/${id}'`;
    const namespace = namespaceOf(scope);
    const { name = id } = props;
    checkDnsSubdomain(name, `name of ${where}`);
    // Not the generated class: it and TrafficExtension have an enum of their own for the same words.
    super(scope, id, {
      ...WasmPlugin.GVK,
      metadata: { namespace, name },
      spec: {
        ...targetFields(props, namespace, where),
        ...wasmFields(props, where),
        ...(props.type ? { type: props.type.toUpperCase() } : {}),
      },
    });
  }
}

/** Options of a {@link TrafficExtension}: a Wasm module, or a script. */
export type TrafficExtensionProps = ExtensionProps &
  ExtensionTarget &
  (
    | { readonly wasm: WasmModule; readonly lua?: never }
    | {
        /** A script with `envoy_on_request` or `envoy_on_response` (Envoy, Lua filter); 64 KiB at most. */
        readonly lua: string;
        readonly wasm?: never;
      }
  );

/** Code in the proxies' filters, from Istio 1.30 on: Wasm as in {@link WasmExtension}, or Lua. The object is the TrafficExtension itself. */
export class TrafficExtension extends ApiObject {
  /** @throws UserError as a {@link WasmExtension} does, or when the script is empty, too long, or handles nothing */
  constructor(scope: Construct, id: string, props: TrafficExtensionProps) {
    const where = `'${scope.node.path}/${id}'`;
    const namespace = namespaceOf(scope);
    const { name = id } = props;
    checkDnsSubdomain(name, `name of ${where}`);
    super(scope, id, {
      ...TrafficExtensionObject.GVK,
      metadata: { namespace, name },
      spec: {
        ...targetFields(props, namespace, where),
        ...(props.wasm ? { wasm: wasmFields(props.wasm, where) } : { lua: { inlineCode: checkedScript(props.lua, where) } }),
      } satisfies JsonObject,
    });
  }
}

function checkedScript(lua: string, where: string): string {
  const bytes = Buffer.byteLength(lua);
  if (bytes > 65_536) throw new UserError(`lua of ${where} has ${bytes} bytes: allowed are 65536`);
  if (!/\benvoy_on_(request|response)\b/.test(lua))
    throw new UserError(`lua of ${where} handles nothing: define the function envoy_on_request or envoy_on_response`);
  return lua;
}
