import type { AgentEvent } from '#shared/contract/system.ts';
import type { Emit } from '../host.ts';

/** Events a slow follower may have waiting; beyond it, they are folded into "anything of the topic". */
const maxWaiting = 256;

/** Fans the core's change events out to every following connection; a slow one costs bounded memory. */
export function createEventHub(): { emit: Emit; follow(signal: AbortSignal): AsyncGenerator<AgentEvent> } {
  const followers = new Set<(event: AgentEvent) => void>();
  return {
    emit(event) {
      for (const follower of followers) follower(event);
    },
    async *follow(signal) {
      let waiting: AgentEvent[] = [];
      let wake: () => void = () => {};
      const follower = (event: AgentEvent) => {
        const same = waiting.find((w) => w.topic === event.topic);
        if (same !== undefined) {
          // One event a topic waits at most: its ids are joined, and an empty list stays "anything".
          same.ids =
            same.ids.length === 0 || event.ids.length === 0
              ? []
              : [...new Set([...same.ids, ...event.ids])].slice(0, maxWaiting);
          if (same.ids.length === maxWaiting) same.ids = [];
        } else waiting.push({ topic: event.topic, ids: [...event.ids] });
        wake();
      };
      const stop = () => wake();
      followers.add(follower);
      signal.addEventListener('abort', stop);
      try {
        while (!signal.aborted) {
          const next = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const batch = waiting;
          waiting = [];
          yield* batch;
          if (waiting.length > 0) continue;
          if (signal.aborted) return;
          await next;
        }
      } finally {
        followers.delete(follower);
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
