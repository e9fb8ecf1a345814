import type { Breakage } from '../support/breakage.ts';
import { appBreakages, chainBreakages, pageRoutes } from './apps.ts';
import { jaegerBreakages, jaegerProvider } from './jaeger.ts';
import { legacyBreakages } from './legacy.ts';
import { meshBreakages } from './mesh.ts';
import { grafanaBreakages, kialiBreakages, kialiTraces } from './pages.ts';
import { platformBreakages } from './platform.ts';
import { meshReach, sinkReach } from './reach.ts';
import { skywalkingBreakages } from './skywalking.ts';
import { jaeger, type Stack, skywalking, tempo, tempoOperator, traffic, zipkin } from './stacks.ts';
import { tempoOperatorStack, tempoStack } from './tempo.ts';
import { trafficBreakages } from './traffic.ts';
import { zipkinBreakages } from './zipkin.ts';

/** What holds for every stack whose provider stands in the mesh config. */
function ofEvery(stack: Stack): Breakage[] {
  return [
    ...meshBreakages(stack),
    ...meshReach(stack),
    ...grafanaBreakages(stack),
    ...appBreakages(stack.home),
    ...chainBreakages(stack),
    ...pageRoutes(stack),
  ];
}

/** What holds for those whose sink is a plain workload, with Kiali beside it. */
function ofPlain(stack: Stack): Breakage[] {
  return [...ofEvery(stack), ...sinkReach(stack), ...kialiBreakages(stack)];
}

/** All tables, by the name of the stack. */
export const breakages: Readonly<Record<string, readonly Breakage[]>> = {
  jaeger: [...ofPlain(jaeger), ...kialiTraces(jaeger), ...jaegerProvider(), ...jaegerBreakages('otlp')],
  'jaeger-legacy': [...legacyBreakages(), ...appBreakages('istio-system', 'addons/gateway'), ...jaegerBreakages('zipkin')],
  zipkin: [...ofPlain(zipkin), ...zipkinBreakages()],
  skywalking: [...ofPlain(skywalking), ...skywalkingBreakages()],
  tempo: [...ofPlain(tempo), ...kialiTraces(tempo), ...tempoStack()],
  traffic: [...appBreakages(traffic.home), ...pageRoutes(traffic), ...trafficBreakages()],
  platform: platformBreakages('platform', 'sidecar'),
  'platform-ambient': platformBreakages('platform-ambient', 'ambient'),
  'tempo-operator': [...ofEvery(tempoOperator), ...tempoOperatorStack()],
};
