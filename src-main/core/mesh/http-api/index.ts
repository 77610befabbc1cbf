export type {
  HttpApiLimits,
  MessagePort,
  NodeInfo,
  NodeView,
  PeerInfo,
  RouteInfo,
} from './ports.ts';
export { createHttpApi, type HttpApi, type HttpApiDeps } from './server.ts';
