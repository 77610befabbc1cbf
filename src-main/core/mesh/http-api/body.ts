import type { IncomingMessage } from 'node:http';
import { Refusal } from './answer.ts';

/** The whole body as text. Refuses another content type (415) and what is too long (413), as the daemon does. */
export async function readJsonBody(request: IncomingMessage, most: number): Promise<string> {
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new Refusal(415, 'Expected request with `Content-Type: application/json`.');
  }
  const tooLong = (): Refusal => new Refusal(413, `A request may have ${most} bytes at most.`);
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLong();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
