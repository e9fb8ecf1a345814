export { Bookinfo, type BookinfoApp, type BookinfoProps } from './bookinfo.ts';
export { Curl, type CurlProps } from './curl.ts';
export { type ChainServices, HeaderChain, type HeaderChainProps } from './header-chain.ts';
export { TrafficGenerator, type TrafficGeneratorProps } from './traffic-generator.ts';
