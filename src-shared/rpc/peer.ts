/** Both ends of a connection. */
export { type Connection, type ConnectOptions, connect } from './client.ts';
export { type Served, type ServeOptions, serve } from './server.ts';
