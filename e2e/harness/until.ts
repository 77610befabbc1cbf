import type { AgentClient } from '#shared/contract/agent.ts';
import type { AgentEvent } from '#shared/contract/system.ts';

/** Ask again at every event of a topic until there is an answer: waits on facts, not on time. */
export async function until<T>(
  client: AgentClient,
  topic: AgentEvent['topic'],
  ask: () => Promise<T | null>,
): Promise<T> {
  const stop = new AbortController();
  const events = client['system.events']({}, { signal: stop.signal });
  const steps = events[Symbol.asyncIterator]();
  // Listening begins with the first step of the stream, so it is taken before the first question.
  let next = steps.next();
  try {
    for (;;) {
      const answer = await ask();
      if (answer !== null) return answer;
      for (;;) {
        const { done, value } = await next;
        if (done) throw new Error('The agent ended the stream of events.');
        next = steps.next();
        if (value.topic === topic) break;
      }
    }
  } finally {
    // The step still waited for ends with this.
    next.catch(() => {});
    stop.abort();
  }
}
