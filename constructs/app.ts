import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { App, type AppProps, Chart } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { clusterObjectsOnly, outputOf, publish, type RenderedStack, renderTree } from './delivery/index.ts';
import { mirrored } from './delivery/mirror/index.ts';
import { type Acknowledgement, acknowledgementsIn, type ImageMirror, type PlatformName, UserError } from './kit/index.ts';
import { markSite, siteOf } from './kit/site.ts';
import { markStackFileWriter } from './kit/stack-file.ts';
import {
  applyAcknowledgements,
  countFindings,
  edgesOf,
  type Finding,
  formatFindings,
  modelOf,
  proveModel,
  smokeTest,
} from './proof/index.ts';
import { renderStack, type StackData } from './render.ts';
import { worldsOf } from './worlds.ts';

/** Options of a {@link MeshApp}. */
export interface MeshAppProps extends Pick<AppProps, 'resolvers'> {
  /** The folder that the manifests are published to, relative to the working folder. @default 'dist' */
  readonly outdir?: string;
  /** What to do with the proof's errors: `stop` the synth, or `skip` the proof (benchmarks; never for real use). @default 'stop' */
  readonly proof?: 'stop' | 'skip';
}

/** Options of a {@link Stack}. */
export interface StackProps {
  /**
   * What it is for. In production the proof also finds what only a lab may do: traces in memory, every request sampled, pages without
   * a login, no retention, Istio's demo profile, images without a fixed tag (codes PRD).
   *
   * @default 'lab'
   */
  readonly purpose?: 'lab' | 'production';
  /** What kind of cluster it runs on: load balancers, ingress classes, folders of CNI plugins follow from it. @default 'generic' */
  readonly platform?: PlatformName;
  /** A registry of the site that every image and chart comes from: 'harbor.site.example/mesh'. @default the public ones */
  readonly mirror?: string | ImageMirror;
}

/** One deployable whole: `dist/<id>`. Layers of two stacks never meet, and each stack is proven on its own. */
export class Stack extends Construct {
  readonly purpose: 'lab' | 'production';

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id);
    const { purpose = 'lab', platform = 'generic', mirror } = props;
    this.purpose = purpose;
    markSite(this, { platform, mirror: typeof mirror === 'string' ? { registry: mirror } : mirror });
  }
}

/**
 * A cdk8s App that proves its stacks before it publishes them, all of them or nothing.
 *
 * It takes stacks of layers, and plain cdk8s Charts: in a stack as one more layer, directly in the app as a stack of one layer.
 */
export class MeshApp extends App {
  private readonly target: string;
  private readonly proof: 'stop' | 'skip';

  constructor(props: MeshAppProps = {}) {
    const { outdir = 'dist', proof = 'stop', resolvers } = props;
    super({ outdir, ...(resolvers ? { resolvers } : {}) });
    markStackFileWriter(this);
    this.target = outdir;
    this.proof = proof;
  }

  /**
   * Validates, renders, proves and publishes, in this order; a failure leaves the output as it was.
   *
   * Unlike cdk8s's own synth it takes time linear in the charts, names no file by number, and removes stale files.
   * Under `cdk8s synth` it writes where `outputOf` says.
   *
   * @throws UserError with every validation error or finding of severity error, or when the output cannot be written
   */
  override synth(): void {
    const stacks = this.render();
    const { publish: whole, objects } = outputOf(this.target);
    if (whole !== undefined) {
      checkNotUndone(whole, stacks);
      const report = publish(whole, renderTree(stacks));
      published.set(
        resolve(whole),
        stacks.map((s) => s.name),
      );
      console.error(`${whole}: ${stacks.map((s) => s.name).join(', ')} ${report.changed ? 'written' : 'unchanged'}`);
      if (report.removed.length > 0) console.error(`removed, no longer made: ${report.removed.join(', ')}`);
      if (report.kept.length > 0) console.error(`kept, not ours: ${report.kept.join(', ')}`);
      if (report.unreadable.length > 0) console.error(`not readable, so what they list is kept: ${report.unreadable.join(', ')}`);
    }
    if (objects !== undefined) {
      const tree = clusterObjectsOnly(stacks);
      writePlainly(objects.folder, objects.as === 'tree' ? tree : new Map([['all.k8s.yaml', [...tree.values()].join('')]]));
    }
  }

  /** The cluster objects of all stacks as one YAML text, as cdk8s's `synthYaml` gives them. */
  override synthYaml(): string {
    return [...clusterObjectsOnly(this.render()).values()].join('');
  }

  private render(): RenderedStack[] {
    validate(this);
    const stacks = withoutSortSwitch(() => stackRoots(this).map((root) => ({ root, data: atSite(root, renderStack(root)) })));
    const everywhere = acknowledgementsIn(this).filter(({ path }) => path === '');
    const proven = stacks.map(({ root, data }) => this.prove(root, data, everywhere));
    const findings = applyAcknowledgements(
      proven.flatMap((p) => p.findings),
      everywhere,
    );
    const errors = findings.filter((f) => f.severity === 'error');
    const others = findings.filter((f) => f.severity !== 'error');
    if (others.length > 0) console.error(formatFindings(others));
    if (errors.length > 0)
      throw new UserError(`the proof found\n${formatFindings(errors)}\n${countFindings(errors)}, nothing was written`);
    return proven.map((p) => p.stack);
  }

  /** @param everywhere what the app itself accepts: applied to all stacks together, and told by the inventories it matters to */
  private prove(
    root: IConstruct,
    data: StackData,
    everywhere: readonly Acknowledgement[],
  ): { readonly stack: RenderedStack; readonly findings: readonly Finding[] } {
    const { claim, ...rest } = data;
    // A lab's inventory does not say so: nobody asked.
    const purpose = root instanceof Stack && root.purpose === 'production' ? { purpose: root.purpose } : {};
    const stack = { ...rest, ...purpose, ...(claim ? { mesh: claim.json, claimedBy: claim.path } : {}) };
    if (this.proof === 'skip') return { stack: { ...stack, edges: [] }, findings: [] };
    const [world, ...variants] = worldsOf(data, purpose.purpose);
    const base = modelOf(world);
    const own = acknowledgementsIn(root);
    // What is said of the base and of its variants is said once.
    const all = [base, ...variants.map(modelOf)].flatMap(proveModel);
    const distinct = [...new Map(all.map((finding) => [JSON.stringify(finding), finding])).values()];
    const findings = applyAcknowledgements(distinct, own);
    const acknowledged = [...own, ...everywhere.filter(({ code }) => findings.some((f) => f.code === code))];
    const scripts = [{ path: 'smoke-test.sh', text: smokeTest(base, stack.name) }];
    return {
      stack: { ...stack, edges: edgesOf(base), scripts, ...(acknowledged.length > 0 ? { acknowledged } : {}) },
      findings,
    };
  }
}

/** What each folder was last given by this process. */
const published = new Map<string, readonly string[]>();

/** A second app would take the stacks of the first for stale, and remove them. */
function checkNotUndone(target: string, stacks: readonly RenderedStack[]): void {
  const names = stacks.map((s) => s.name);
  const undone = published.get(resolve(target))?.filter((name) => !names.includes(name)) ?? [];
  if (undone.length > 0) {
    throw new UserError(
      `another MeshApp of this program has published ${undone.join(', ')} to ${target}, this one with ${names.join(', ')} would remove it: build all stacks in one app, or give each its own outdir`,
    );
  }
}

/**
 * The entry of a program: builds an app, synthesizes it, and turns a user's mistake into one message and exit status 1.
 *
 * @example synthesize((app) => { jaeger(app); });
 */
export function synthesize(build: (app: MeshApp) => void, props: MeshAppProps = {}): void {
  try {
    const app = new MeshApp(props);
    const done: unknown = build(app);
    if (done instanceof Promise)
      throw new UserError('synthesize takes a function that is not async, half of the program would be missing: await before it');
    app.synth();
  } catch (error) {
    if (!isMistake(error)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  }
}

/** Mistakes in the use of cdk8s arrive as plain Errors; a TypeError and its like is a bug of the program, and its stack trace is wanted. */
function isMistake(error: unknown): error is Error {
  return error instanceof UserError || (error instanceof Error && error.constructor === Error);
}

/** With a mirror, everything comes from there: the proof and the output see the objects as they are then. */
function atSite(root: Construct, data: StackData): StackData {
  const { mirror } = siteOf(root);
  return mirror ? mirrored(data, mirror) : data;
}

function stackRoots(app: MeshApp): Construct[] {
  const roots = app.node.children.filter(
    (c): c is Construct => c instanceof Construct && c.node.findAll().some((d) => Chart.isChart(d)),
  );
  if (roots.length === 0) throw new UserError('the app holds no stack with a layer: nothing to synthesize');
  return roots;
}

function validate(app: MeshApp): void {
  const errors = app.node.findAll().flatMap((c) => c.node.validate().map((message) => `[${c.node.path}] ${message}`));
  if (errors.length > 0) throw new UserError(`the constructs found\n${errors.join('\n')}\nnothing was written`);
}

/** cdk8s sorts keys unless an environment variable is set; the output must not depend on the environment. */
function withoutSortSwitch<T>(run: () => T): T {
  const { CDK8S_DISABLE_SORT } = process.env;
  delete process.env.CDK8S_DISABLE_SORT;
  try {
    return run();
  } finally {
    if (CDK8S_DISABLE_SORT !== undefined) process.env.CDK8S_DISABLE_SORT = CDK8S_DISABLE_SORT;
  }
}

function writePlainly(folder: string, tree: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of tree) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
