import type { Rule } from '../../rule.ts';
import { cannotTrace } from './trc010-cannot-trace.ts';
import { nothingListens } from './trc011-nothing-listens.ts';
import { wrongProtocol } from './trc012-wrong-protocol.ts';
import { appProtocol } from './trc013-app-protocol.ts';
import { otlpPath } from './trc014-otlp-path.ts';
import { localhost } from './trc015-localhost.ts';
import { receiverInNoPipeline } from './trc016-receiver-in-no-pipeline.ts';
import { absentComponent } from './trc017-absent-component.ts';
import { unusedComponent } from './trc018-unused-component.ts';
import { shape } from './trc019-shape.ts';
import { connector } from './trc020-connector.ts';
import { cycle } from './trc021-cycle.ts';
import { missingSetting } from './trc022-missing-setting.ts';
import { unknownComponent } from './trc023-unknown-component.ts';
import { removedComponent } from './trc024-removed-component.ts';
import { otherVersion } from './trc025-other-version.ts';
import { jaegerStorage } from './trc026-jaeger-storage.ts';
import { exporterAddress } from './trc027-exporter-address.ts';
import { signal } from './trc028-signal.ts';
import { exporterTls } from './trc029-exporter-tls.ts';
import { loop } from './trc030-loop.ts';
import { splitTraces } from './trc031-split-traces.ts';
import { processorOrder } from './trc032-processor-order.ts';
import { samplingShare } from './trc033-sampling-share.ts';
import { nowhere } from './trc034-nowhere.ts';
import { metricsNowhere } from './trc035-metrics-nowhere.ts';

/** The way of a span through collectors and backends. What is wrong with a component is told before what follows from it. */
export const pipelinesRules: readonly Rule[] = [
  ...[cannotTrace, unknownComponent, removedComponent, shape, missingSetting, absentComponent, signal, connector, cycle],
  ...[otherVersion, jaegerStorage, nothingListens, wrongProtocol, appProtocol, otlpPath, localhost, receiverInNoPipeline],
  ...[exporterAddress, exporterTls, loop, splitTraces, processorOrder, samplingShare, nowhere, metricsNowhere, unusedComponent],
];
