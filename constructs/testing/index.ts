export { expectTraffic, type TrafficExpectation, type TrafficTo } from './expect-traffic.ts';
export type { Asked, Reached, RequestProps, Sender, Through } from './requests.ts';
export type { Subject } from './worlds.ts';
