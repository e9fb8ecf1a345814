export { type HostClaim, type HostClash, hostClashes, hostsOf } from './hosts.ts';
