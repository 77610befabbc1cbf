import { decodeQuery, encodeError, encodeReply, payloadMost, type Query, rcodes } from './dns-message.ts';
import { answerFromZone, type NameLookup } from './zone.ts';

export type Response =
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  /** Not ours, and an upstream was named: the query as it came goes there. `refusal` in case it does not answer. */
  | { readonly kind: 'forward'; readonly query: Query; readonly failure: Uint8Array }
  | { readonly kind: 'silence' };

const tcpMost = 65_535;
const plainMost = 512;

/** What to say to the bytes of one query. Pure; any bytes. */
export function respond(
  bytes: Uint8Array,
  options: { readonly over: 'udp' | 'tcp'; readonly lookup: NameLookup; readonly upstream: boolean },
): Response {
  const decoded = decodeQuery(bytes);
  if (decoded.kind === 'silence') return decoded;
  if (decoded.kind === 'error') return { kind: 'answer', bytes: encodeError(decoded) };
  const { query } = decoded;
  const most = options.over === 'tcp' ? tcpMost : datagramFor(query);
  const recursionAvailable = options.upstream;
  const bare = (rcode: number) =>
    encodeReply(query, { rcode, authoritative: false, recursionAvailable, answers: [], authority: [] }, most);
  if (query.edns !== null && query.edns.version !== 0) return { kind: 'answer', bytes: bare(rcodes.BADVERS) };
  const reply = answerFromZone(query, options.lookup);
  if (reply !== null) return { kind: 'answer', bytes: encodeReply(query, { ...reply, recursionAvailable }, most) };
  if (!options.upstream || !query.recursionDesired) return { kind: 'answer', bytes: bare(rcodes.REFUSED) };
  return { kind: 'forward', query, failure: bare(rcodes.SERVFAIL) };
}

/** RFC 6891 section 6.2.3: a size below 512 counts as 512. */
function datagramFor({ edns }: Query): number {
  return edns === null ? plainMost : Math.min(payloadMost, Math.max(plainMost, edns.payload));
}
