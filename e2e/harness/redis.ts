/** A real Redis server, as the tests of the core start it. */
export { noRedis, startRedis } from '#core/vault/remote/testing/redis-server.ts';
