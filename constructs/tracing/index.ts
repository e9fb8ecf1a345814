export { type ExistingJaeger, Jaeger, type JaegerProps, type JaegerReceives } from './jaeger.ts';
export { existingSink, type Receivers } from './sink.ts';
