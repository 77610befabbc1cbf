export { createPeers, type Peers } from './service.ts';
