import { isObject, type Json, type JsonObject } from '../kit/json.ts';
import { groupBy } from './group-by.ts';
import { fields } from './json-path.ts';

/** An error as the generated validators report it (ajv, allErrors). */
export interface RawError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: JsonObject;
}

/** A schema file and the definition that describes the object. */
export interface Schemas {
  readonly definitions: JsonObject;
  readonly root: string;
}

/** An error with the place, value and schema it speaks of. */
export interface Fault {
  readonly error: RawError;
  readonly path: readonly (string | number)[];
  readonly value: Json | undefined;
  readonly schema: JsonObject;
}

/** Keywords whose error stands for those of their parts. */
export const combining = new Set(['anyOf', 'oneOf', 'not', 'propertyNames']);

/** Whether an error is only a part of another one, such as one alternative of a failed oneOf. */
function contains(whole: RawError, part: RawError): boolean {
  return (
    combining.has(whole.keyword) &&
    part.schemaPath.startsWith(`${whole.schemaPath}/`) &&
    (part.instancePath === whole.instancePath || part.instancePath.startsWith(`${whole.instancePath}/`))
  );
}

/** The errors that are parts of others, by the one that stands for them. */
export function partsOf(faults: readonly Fault[]): ReadonlyMap<Fault, readonly Fault[]> {
  const wholes = groupBy(
    faults.filter(({ error }) => combining.has(error.keyword)),
    ({ error }) => error.instancePath,
  );
  if (wholes.size === 0) return new Map();
  const pairs = faults.flatMap((part) =>
    placesAbove(part.error.instancePath)
      .flatMap((place) => wholes.get(place) ?? [])
      .filter((whole) => contains(whole.error, part.error))
      .map((whole) => ({ whole, part })),
  );
  return new Map([...groupBy(pairs, ({ whole }) => whole)].map(([whole, of]) => [whole, of.map(({ part }) => part)]));
}

/** A JSON pointer, and those of everything around it. */
function placesAbove(place: string): string[] {
  const ends = [...place.matchAll(/\//g)].map(({ index }) => index);
  return [...ends.map((end) => place.slice(0, end)), place];
}

/** Finds what an error speaks of, by walking object and schema side by side. */
export function locate(error: RawError, object: JsonObject, { definitions, root }: Schemas): Fault {
  const path: (string | number)[] = [];
  let value: Json | undefined = object;
  let schema = resolve({ $ref: `#/definitions/${root}` }, definitions);
  for (const step of pointer(error.instancePath)) {
    if (Array.isArray(value)) {
      path.push(Number(step));
      value = value[Number(step)];
      schema = resolve(schema.items, definitions);
    } else {
      path.push(step);
      value = isObject(value) ? value[step] : undefined;
      const properties = isObject(schema.properties) ? schema.properties : {};
      schema = resolve(Object.hasOwn(properties, step) ? properties[step] : schema.additionalProperties, definitions);
    }
  }
  return { error, path, value, schema };
}

function resolve(schema: Json | undefined, definitions: JsonObject): JsonObject {
  if (!isObject(schema)) return {};
  return typeof schema.$ref === 'string' ? resolve(definitions[schema.$ref.replace('#/definitions/', '')], definitions) : schema;
}

/** The steps of a JSON pointer. */
function pointer(text: string): string[] {
  return text
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value of the failed anyOf, oneOf or not, which stands in the schema itself or in one of its allOf. */
export function combination({ schemaPath, keyword }: RawError, schema: JsonObject): Json | undefined {
  const inside = /\/allOf\/(\d+)\/\w+$/.exec(schemaPath);
  const holder = inside && Array.isArray(schema.allOf) ? schema.allOf[Number(inside[1])] : schema;
  return isObject(holder) ? holder[keyword] : undefined;
}

/** The schema inside a combination that an error of one of its alternatives speaks of. */
export function partOf(rule: Json | undefined, whole: RawError, part: RawError): JsonObject {
  const steps = pointer(part.schemaPath.slice(whole.schemaPath.length)).slice(0, -1);
  return fields(rule, ...steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step)));
}

/** The fields that a combination asks for or rules out. */
export function combinedFields(rule: Json | undefined): string[] {
  if (Array.isArray(rule)) return [...new Set(rule.flatMap(combinedFields))];
  if (!isObject(rule)) return [];
  const own = Array.isArray(rule.required) ? rule.required.map(String) : [];
  return [...new Set([...own, ...['anyOf', 'oneOf', 'allOf', 'not'].flatMap((keyword) => combinedFields(rule[keyword]))])];
}
