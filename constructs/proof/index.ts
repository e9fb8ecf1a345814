export { type Acknowledged, applyAcknowledgements, readAcknowledgements } from './acknowledge.ts';
export { type Edge, edges, edgesOf } from './edges.ts';
export { findingsPage } from './findings-page.ts';
export { type Model, modelOf } from './model/model.ts';
export { prove, proveModel } from './prove.ts';
export { fromObjects, type SynthesizedObject } from './read/objects.ts';
export { type ReadOptions, readWorlds } from './read/worlds.ts';
export { countFindings, formatFindings, type Paint } from './report.ts';
export type { Finding, Origin, Path, ProofObject, Severity, World } from './types.ts';
