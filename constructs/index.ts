export { MeshApp, type MeshAppProps, Stack, synthesize } from './app.ts';
export * from './apps/index.ts';
export * from './delivery/index.ts';
export * from './exposure/index.ts';
export * from './kit/index.ts';
export * from './mesh/index.ts';
export * from './observability/index.ts';
export * from './proof/index.ts';
export * from './tracing/index.ts';
