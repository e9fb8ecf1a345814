import {
  component as catalogued,
  catalogueVersion,
  distributionsWith,
  isOlder,
  missingFrom,
  removedIn,
  renamingBegan,
  typesOf,
} from '../../../kit/collector-components.ts';
import { nearest } from '../../../kit/nearest.ts';
import { type Component, KIND_OF, type Section } from '../../model/spans/components.ts';
import type { Program } from '../../model/spans/programs.ts';
import type { Rule } from '../../rule.ts';
import type { Fault } from '../../types.ts';
import { componentCause } from './config-faults.ts';
import { type Build, buildName, buildOf } from './distribution.ts';

export const unknownComponent: Rule = {
  code: 'TRC023',
  title: 'the image does not hold a component of the configuration',
  severity: 'error',
  run: (model) => model.programs.all.flatMap(unknownFaults),
  docs: {
    cause:
      'The type of a component (the part before the slash) is misspelt, or the collector’s image does not hold it: core is small, k8s has no Prometheus exporter, only contrib has nearly all; Jaeger has a few. Names with an underscore (otlp_grpc, span_metrics) are not known before 0.144. The collector does not start. Images of one’s own are not judged.',
    fix: 'Correct the name, or take an image that has the component.',
    example:
      'image: ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector:0.159.0   # core\nconfig:\n  processors: {tail_sampling: {}}   # in k8s and contrib only',
  },
};

const SECTIONS: readonly Section[] = ['receivers', 'processors', 'exporters', 'connectors', 'extensions'];
// Jaeger 2.20: what is compiled in.
const JAEGER: Readonly<Record<Section, readonly string[]>> = {
  receivers: ['jaeger', 'kafka', 'nop', 'otlp', 'zipkin'],
  processors: ['adaptive_sampling', 'attributes', 'batch', 'filter', 'memory_limiter', 'tail_sampling'],
  exporters: ['debug', 'jaeger_storage_exporter', 'kafka', 'nop', 'otlp_grpc', 'otlp_http', 'prometheus'],
  connectors: ['forward', 'span_metrics'],
  extensions: [
    ...['basicauth', 'expvar', 'healthcheckv2', 'jaeger_mcp', 'jaeger_query', 'jaeger_storage', 'pprof', 'remote_sampling'],
    ...['remote_storage', 'sigv4auth', 'storage_cleaner', 'zpages'],
  ],
};

/** The components of a program that its build does not hold. */
export function unknownFaults(program: Program): Fault[] {
  const { pipelines } = program;
  const build = buildOf(program);
  if (!pipelines || build.is === 'own') return [];
  const components = SECTIONS.flatMap((section) => [...pipelines.components[section].values()]);
  const each = components.flatMap((component) => {
    const fault = build.is === 'jaeger' ? jaegerFault(component) : collectorFault(component, build);
    return fault ? [{ ...fault, at: component.at, cause: componentCause(component) }] : [];
  });
  if (build.is !== 'released') return each;
  return [...each, ...newNames(program, build, components), ...imageFault(program, build, components)];
}

type Said = Pick<Fault, 'message' | 'hint' | 'severity'>;

function jaegerFault({ section, id, type, written }: Component): Said | undefined {
  const known = JAEGER[section];
  if (known.includes(type) || removedIn(KIND_OF[section], written)) return undefined;
  const near = nearest(written, known);
  return {
    message: `${section.slice(0, -1)} "${id}" is not compiled into Jaeger`,
    hint: near === undefined ? `Jaeger has ${known.join(', ')}` : `did you mean "${near}"?`,
    // A later release may have it.
    severity: near === undefined ? 'warning' : 'error',
  };
}

function collectorFault({ section, id, written }: Component, build: Build): Said | undefined {
  const kind = KIND_OF[section];
  const known = catalogued(kind, written);
  if (!known) {
    const near = nearest(written, typesOf(kind));
    // Without an image, or of an older release, only a slip of the pen can be told from a component that the catalogue does not hold.
    const judged = build.is === 'released' && !isOlder(build.version, catalogueVersion);
    if (near === undefined && !judged) return undefined;
    return {
      message: `there is no ${kind} of type "${written}"${id === written ? '' : ` (${id})`}`,
      hint: near === undefined ? `name a component of the section ${section}` : `did you mean "${near}"?`,
      severity: near === undefined ? 'warning' : 'error',
    };
  }
  if (known.removed) return undefined;
  if (build.is !== 'operator' || known.distributions.some((one) => one !== 'contrib')) return undefined;
  return {
    message: `neither of the images that the operator chooses by itself (core, k8s) has ${kind} "${id}"`,
    hint: 'state spec.image: the contrib image has it',
    severity: 'warning',
  };
}

/** Names that an image is too old for: several are told once, at the image, which is more likely wrong than each of them. */
function newNames({ image, object }: Program, build: Build, components: readonly Component[]): Fault[] {
  if (build.is !== 'released' || !isOlder(build.version, renamingBegan)) return [];
  const found = components.flatMap((one) => {
    const known = catalogued(KIND_OF[one.section], one.written);
    const alias = known && !known.removed && one.written === one.type ? known.alias : undefined;
    return alias === undefined ? [] : [{ one, alias, what: `${KIND_OF[one.section]} "${one.id}"` }];
  });
  const [first, second] = found;
  if (!first) return [];
  const unknown = `${buildName(build)} does not know ${found.map(({ what }) => what).join(', ')}`;
  if (!second || !image)
    return [
      { at: first.one.at, message: `${unknown} by this name`, hint: `call it ${first.alias}`, cause: componentCause(first.one) },
    ];
  return [
    {
      at: image.at,
      message: `${unknown} by these names`,
      hint: `take an image from ${renamingBegan} on, or call them ${found.map(({ alias }) => alias).join(', ')}`,
      cause: `names for ${object.id}`,
    },
  ];
}

/** What the image lacks, told once: the image is more likely wrong than each component. */
function imageFault({ image, object }: Program, build: Build, components: readonly Component[]): Fault[] {
  if (build.is !== 'released' || !image) return [];
  const lacking = components.filter(({ section, written, type }) => {
    const known = catalogued(KIND_OF[section], written);
    return known && !known.removed && missingFrom(build.distribution, [{ kind: KIND_OF[section], type }]).length > 0;
  });
  if (lacking.length === 0) return [];
  const names = lacking.map(({ section, id }) => `${KIND_OF[section]} "${id}"`);
  const fitting = distributionsWith(
    components.filter(isCatalogued).map(({ section, type }) => ({ kind: KIND_OF[section], type })),
  );
  return [
    {
      at: image.at,
      message: `${buildName(build)} has no ${names.join(', no ')}`,
      hint: fitting.length === 0 ? 'no released image has all of it' : `take the image ${fitting.join(' or ')}`,
      cause: `image of ${object.id}`,
    },
  ];
}

function isCatalogued({ section, written }: Component): boolean {
  const known = catalogued(KIND_OF[section], written);
  return known !== undefined && known.removed === undefined;
}
