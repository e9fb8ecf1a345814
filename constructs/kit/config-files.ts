import { createHash } from 'node:crypto';
import { Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { namespaceOf } from './layer.ts';
import { rememberText } from './remember.ts';
import { UserError } from './user-error.ts';
import { toYaml } from './yaml.ts';

/** A file's content: an object becomes YAML (or JSON, when the file's name ends in `.json`), text stays as it is. */
export type FileContent = object | string;

/** Options of {@link ConfigFiles}. */
export interface ConfigFilesProps {
  /** The ConfigMap's name. */
  readonly name: string;
  /** File name to content, or a function that tells them at synth, when other constructs still add to them. */
  readonly files: Readonly<Record<string, FileContent>> | (() => Readonly<Record<string, FileContent>>);
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Configuration files in a ConfigMap.
 *
 * Their hash goes into an annotation of the pods that mount them, so that a change of configuration rolls the pods: a ConfigMap
 * alone does not.
 */
export class ConfigFiles extends Construct {
  readonly name: string;
  private readonly produce: () => Readonly<Record<string, FileContent>>;

  constructor(scope: Construct, id: string, props: ConfigFilesProps) {
    super(scope, id);
    const { name, files, labels } = props;
    this.name = name;
    this.produce = typeof files === 'function' ? files : () => files;
    new k8s.KubeConfigMap(this, 'configmap', {
      metadata: { name, namespace: namespaceOf(this), ...(labels ? { labels: { ...labels } } : {}) },
      data: Lazy.any({ produce: () => this.data() }),
    });
  }

  /** The first 16 hex digits of the SHA-256 of all files. */
  get hash(): string {
    return createHash('sha256').update(JSON.stringify(this.data())).digest('hex').slice(0, 16);
  }

  private data(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.produce()).map(([name, content]) => [this.checked(name), fileText(name, content)]),
    );
  }

  private checked(name: string): string {
    if (/^[-._a-zA-Z0-9]{1,253}$/.test(name)) return name;
    throw new UserError(
      `file name ${JSON.stringify(name)} of '${this.node.path}': a ConfigMap's keys are letters, digits, '-', '_' and '.'`,
    );
  }
}

function fileText(name: string, content: FileContent): string {
  if (typeof content === 'string') return content;
  if (name.endsWith('.json')) return `${JSON.stringify(content, undefined, 2)}\n`;
  return yamlOf(JSON.stringify(content));
}

/** Written once: the ConfigMap and the hash on the pods ask for it, and stacks hold the same files. */
const yamlOf = rememberText((json) => toYaml(JSON.parse(json)));
