import { isObject, type Json, type JsonObject } from '../kit/json.ts';
import {
  combination,
  combinedFields,
  combining,
  type Fault,
  locate,
  partOf,
  partsOf,
  type RawError,
  type Schemas,
} from './schema-place.ts';
import { intended, pathText, quote, typeText } from './schema-words.ts';

/** One thing wrong with an object, said once. */
export interface SchemaProblem {
  /** `not-allowed`: a value of the right type that is outside an enum, bound, pattern or combination. */
  readonly problem: 'unknown-field' | 'missing-field' | 'wrong-type' | 'not-allowed';
  /** Where, from the top of the object. For an unknown or missing field it ends in that field. */
  readonly path: readonly (string | number)[];
  /** The place, the offending value and what is allowed. */
  readonly message: string;
  /** The nearest right name, or the few there are. */
  readonly hint?: string;
  /** Of a wrong type: the JSON types that are right, and `enum` where only certain values are. */
  readonly wanted?: readonly string[];
}

/** Turns ajv's errors into problems: one for each fault, at the most specific place, in ajv's order. */
export function problemsOf(errors: readonly RawError[], object: JsonObject, schemas: Schemas): SchemaProblem[] {
  const faults = errors.map((error) => locate(error, object, schemas));
  const parts = partsOf(faults);
  const inWholes = new Set([...parts.values()].flat());
  const found = faults
    .filter((fault) => !inWholes.has(fault))
    .map((fault) => ({ fault, problem: problemOf(fault, parts.get(fault) ?? []) }));
  const misspelt = new Set(found.flatMap(({ fault }) => misspeltField(fault)));
  const best = new Map<string, { readonly fault: Fault; readonly problem: SchemaProblem }>();
  for (const each of found) {
    if (isConsequence(each.fault, each.problem, misspelt)) continue;
    const place = pathText(each.problem.path);
    const other = best.get(place);
    if (!other || rank(each.fault) < rank(other.fault)) best.set(place, each);
  }
  return [...best.values()].map(({ problem }) => problem);
}

/** Wrong types go before what follows from them. */
function rank({ error }: Fault): number {
  return error.keyword === 'type' ? 0 : error.keyword === 'enum' ? 1 : combining.has(error.keyword) ? 3 : 2;
}

/** The field that an unknown one was meant to be, by its path. */
function misspeltField({ error, path, schema }: Fault): string[] {
  if (error.keyword !== 'additionalProperties') return [];
  const meant = intended(String(error.params.additionalProperty), fieldsOf(schema));
  return meant === undefined ? [] : [pathText([...path, meant])];
}

/** A field is missing, or none of several is set, because its name is misspelt. */
function isConsequence({ error, path, schema }: Fault, { problem }: SchemaProblem, misspelt: ReadonlySet<string>): boolean {
  if (problem !== 'missing-field') return false;
  const names =
    error.keyword === 'required' ? [String(error.params.missingProperty)] : combinedFields(combination(error, schema));
  return names.some((name) => misspelt.has(pathText([...path, name])));
}

/** @param parts the errors that this one stands for */
function problemOf(fault: Fault, parts: readonly Fault[]): SchemaProblem {
  const { error, path, value, schema } = fault;
  const place = pathText(path);
  const given = () => `${place} is ${quote(value)}`;
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownField(fault, String(error.params.additionalProperty));
    case 'required': {
      const missing = [...path, String(error.params.missingProperty)];
      return { problem: 'missing-field', path: missing, message: `${pathText(missing)} is missing` };
    }
    case 'type': {
      const hint = quotesHint(value, schema);
      const wanted = [...[schema.type].flat().map(String), ...(schema.enum === undefined ? [] : ['enum'])];
      const message = `${given()}, must be ${typeText(schema.type)}`;
      return { problem: 'wrong-type', path, message, wanted, ...(hint ? { hint } : {}) };
    }
    case 'enum':
      return notInEnum(fault);
    case 'propertyNames':
      return {
        problem: 'not-allowed',
        path,
        message: `${place} has the key ${quote(String(error.params.propertyName))}, which is not a qualified name`,
      };
    case 'uniqueBy': {
      const keys = Object.keys(isObject(schema.uniqueBy) ? schema.uniqueBy : {}).join(', ');
      const index = Number(error.params.duplicate);
      return {
        problem: 'not-allowed',
        path: [...path, index],
        message: `${place}[${index}] has the same ${keys} as an earlier item, must differ`,
      };
    }
    case 'uniqueItems':
      return {
        problem: 'not-allowed',
        path,
        message: `${place} holds the same item twice, at ${error.params.j} and ${error.params.i}`,
      };
    case 'oneOf':
    case 'anyOf':
    case 'not':
      return combinationProblem(fault, parts);
    default:
      return { problem: 'not-allowed', path, message: `${given()}, must ${limitText(error, schema)}` };
  }
}

function unknownField({ path, schema }: Fault, name: string): SchemaProblem {
  const fields = fieldsOf(schema);
  const meant = intended(name, fields);
  const hint =
    meant !== undefined
      ? `did you mean "${meant}"?`
      : fields.length === 0
        ? 'no field is known here'
        : fields.length <= 15
          ? `known fields: ${fields.join(', ')}`
          : undefined;
  const place = [...path, name];
  return { problem: 'unknown-field', path: place, message: `unknown field ${pathText(place)}`, ...(hint ? { hint } : {}) };
}

function notInEnum({ path, value, schema }: Fault): SchemaProblem {
  const allowed = Array.isArray(schema.enum) ? schema.enum.filter((each) => each !== null && each !== '') : [];
  const names = allowed.filter((each) => typeof each === 'string');
  const meant = typeof value === 'string' ? intended(value, names) : undefined;
  const message = `${pathText(path)} is ${quote(value)}, allowed: ${allowed.map(quote).join(', ')}`;
  return { problem: 'not-allowed', path, message, ...(meant !== undefined ? { hint: `did you mean "${meant}"?` } : {}) };
}

/** A quoted number or boolean, or one that should be quoted. */
function quotesHint(value: Json | undefined, schema: JsonObject): string | undefined {
  const types = [schema.type].flat();
  if (typeof value !== 'string')
    return types.includes('string') && (typeof value === 'number' || typeof value === 'boolean') ? 'put it in quotes' : undefined;
  const number = value.trim() !== '' && Number.isFinite(Number(value)) && (types.includes('integer') || types.includes('number'));
  return number || (types.includes('boolean') && /^(true|false)$/.test(value)) ? 'leave the quotes out' : undefined;
}

function limitText({ keyword, params }: RawError, schema: JsonObject): string {
  const limit = params.limit ?? '';
  switch (keyword) {
    case 'minimum':
      return `be at least ${limit}`;
    case 'maximum':
      return `be at most ${limit}`;
    case 'exclusiveMinimum':
      return `be greater than ${limit}`;
    case 'exclusiveMaximum':
      return `be less than ${limit}`;
    case 'multipleOf':
      return `be a multiple of ${params.multipleOf}`;
    case 'minLength':
      return `have at least ${limit} characters`;
    case 'maxLength':
      return `have at most ${limit} characters`;
    case 'minItems':
    case 'minProperties':
      return `have at least ${limit} entries`;
    case 'maxItems':
    case 'maxProperties':
      return `have at most ${limit} entries`;
    case 'pattern':
      return typeof schema.title === 'string' && schema.pattern === params.pattern
        ? `be ${schema.title}`
        : `match ${params.pattern}`;
    default:
      return `keep the rule ${keyword}`;
  }
}

/** Which fields go together: said with the fields, where the alternatives only ask for fields. */
function combinationProblem(fault: Fault, parts: readonly Fault[]): SchemaProblem {
  const { error, path, value, schema } = fault;
  const rule = combination(error, schema);
  const fields = combinedFields(rule);
  const set = isObject(value) ? fields.filter((name) => value[name] !== undefined) : [];
  const place = path.length === 0 ? 'the object' : pathText(path);
  if (set.length > 1) {
    return { problem: 'not-allowed', path, message: `${place} sets ${set.join(' and ')}, only one of them is allowed` };
  }
  if (fields.length > 0 && set.length === 0) {
    return { problem: 'missing-field', path, message: `${place} sets none of ${fields.join(', ')}, one of them is needed` };
  }
  const single = parts.filter((part) => !combining.has(part.error.keyword));
  const depth = single.reduce((most, part) => Math.max(most, part.path.length), 0);
  const [first, ...more] = single
    .filter((part) => part.path.length === depth)
    .map((part) => ({ ...part, schema: partOf(rule, error, part.error) }));
  if (!first) return { problem: 'not-allowed', path, message: `${place} is ${quote(value)}, which its schema rules out` };
  const problem = problemOf(first, []);
  const others = more.filter((part) => part.error.keyword === 'pattern').map((part) => limitText(part.error, part.schema));
  return { ...problem, message: [problem.message, ...others].join(' or ') };
}

function fieldsOf(schema: JsonObject): string[] {
  return isObject(schema.properties) ? Object.keys(schema.properties) : [];
}
