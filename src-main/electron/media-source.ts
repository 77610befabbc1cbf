import { fail, isFail } from '#shared/rpc/fail.ts';
import type { LocalConnection } from '../local/local-client.ts';
import { answerMedia } from '../security/media.ts';

type Client = Pick<LocalConnection['client'], 'vault.redeem' | 'vault.readTicket'>;

/**
 * Answer `app://hypha/media/<ticket>`: the ticket is redeemed at the agent and the bytes asked for are streamed from
 * it. The same headers and ranges as the daemon gives (security/media.ts).
 */
export async function mediaResponse(
  client: Client,
  ticket: string,
  range: string | null,
  common: Readonly<Record<string, string>>,
): Promise<Response> {
  try {
    const file = await client['vault.redeem']({ ticket });
    const answer = answerMedia(file, range ?? undefined);
    const headers = { ...common, ...answer.headers };
    if (answer.range === null) return new Response(null, { status: answer.status, headers });
    if (answer.range.length === 0) return new Response(new Uint8Array(), { status: answer.status, headers });
    const abort = new AbortController();
    const items = client['vault.readTicket']({ ticket, ...answer.range }, { signal: abort.signal });
    return new Response(streamOf(items, abort), { status: answer.status, headers });
  } catch (error) {
    const failure = isFail(error) ? error : fail('INTERNAL', 'The file could not be read.');
    const status = failure.code === 'NOT_FOUND' ? 404 : failure.code === 'LOCKED' ? 403 : 502;
    const headers = { ...common, 'Content-Type': 'text/plain; charset=utf-8' };
    return new Response(failure.message, { status, headers });
  }
}

/** Pulled no faster than the window reads; a window that goes away ends the reading in the agent. */
function streamOf(items: AsyncIterable<Uint8Array>, abort: AbortController): ReadableStream<Uint8Array> {
  const reader = items[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      abort.abort();
      await reader.return?.();
    },
  });
}
