export {
  defaultHttpApiLimits,
  type HttpApiLimits,
  type MessagePort,
  type NodeInfo,
  type NodeView,
  type PeerInfo,
  type RouteInfo,
} from './ports.ts';
export { createHttpApi, type HttpApi, type HttpApiDeps } from './server.ts';
