import type { Config } from '../read/config.ts';
import type { ProofObject, Spot } from '../types.ts';
import type { Service } from './services.ts';
import type { Workload } from './workloads.ts';

/** What takes spans. */
export type ProgramKind = 'collector' | 'jaeger' | 'tempo' | 'zipkin' | 'skywalking';

/** One protocol that a program takes spans by. */
export interface Receiver {
  /** The component: `otlp`, `zipkin/front`. */
  readonly id: string;
  /** As kit's TraceProtocol spells it: `otlp-grpc`, `zipkin`, ...; the component's type for others. */
  readonly protocol: string;
  readonly port: number;
  /** Whether only its own pod can reach it. */
  readonly localOnly: boolean;
  /** The pipelines that read it; for a program without pipelines: undefined. */
  readonly pipelines: readonly string[] | undefined;
  readonly at: Spot;
}

/** One place that a program sends spans to. */
export interface Exporter {
  readonly id: string;
  /** As kit's TraceProtocol spells it; the component's type for others. */
  readonly protocol: string;
  /** Host and port; undefined where it cannot be known (variables) or there is none (debug). */
  readonly to: { readonly host: string; readonly port: number } | undefined;
  readonly tls: 'plain' | 'tls' | 'unknown';
  readonly at: Spot;
}

/** A program of the input that takes spans: a collector, a backend. */
export interface Program {
  readonly is: ProgramKind;
  readonly name: string;
  readonly namespace: string;
  /** Its workload, or the custom resource that an operator makes it from. */
  readonly object: ProofObject;
  /** Its pods; undefined when the input does not show them. */
  readonly workload: Workload | undefined;
  /** Its image, when stated. */
  readonly image: { readonly repository: string; readonly tag: string; readonly at: Spot } | undefined;
  readonly config: Config | undefined;
  readonly receivers: readonly Receiver[];
  readonly exporters: readonly Exporter[];
}

/** The programs of a world, and how to find the one behind a Service's port. */
export interface Programs {
  readonly all: readonly Program[];
  /** The program whose pods a Service leads to, and the container port that a port of the Service means. */
  behind(service: Service, port: number): { readonly program: Program; readonly containerPort: number } | undefined;
}
