import { fail } from '#shared/rpc/fail.ts';
import type { Host } from '../host.ts';
import type { Caller } from './handlers.ts';

/** Effects a program may start a minute; a person is not counted. */
const perMinute = 120;

/** A token bucket per connection: what a runaway program may do before it is held. */
export function createBudget(host: Host) {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    /** @throws Fail BUSY */
    spend(caller: Caller): void {
      if (caller.person) return;
      const now = host.now();
      const bucket = buckets.get(caller.connection) ?? { tokens: perMinute, at: now };
      // A clock that was set back gives nothing, and takes nothing.
      const passed = Math.max(0, now - bucket.at);
      const tokens = Math.min(perMinute, bucket.tokens + (passed * perMinute) / 60_000);
      if (tokens < 1) {
        throw fail('BUSY', `${caller.name} asks for too much at once.`, {
          meaning: 'Nothing was done.',
          next: `Wait a little; at most ${perMinute} effects a minute are allowed.`,
        });
      }
      buckets.set(caller.connection, { tokens: tokens - 1, at: now });
    },
    forget(connection: string): void {
      buckets.delete(connection);
    },
  };
}
