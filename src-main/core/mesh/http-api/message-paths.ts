import { equalBytes } from '#core/crypto/equal.ts';
import { isOwnTopic } from '#shared/contract/mesh/index.ts';
import { type Answer, badRequest, forbidden, notFound, Refusal, wrongMethod } from './answer.ts';
import { fromBase64, messageJson, readPush, statusJson } from './daemon-json.ts';
import type { MessagePort } from './ports.ts';

export interface MessageDeps {
  readonly mailbox: MessagePort;
  /** Topics that may be used here; read at each request. An answer counts as of the topic of what it answers. */
  readonly topics: () => readonly Uint8Array[];
  /** Of this node. */
  readonly publicKey: Uint8Array;
  /** Milliseconds that what is sent here may wait for its receiver; the daemon's is five minutes. */
  readonly ttl: number;
}

export interface ApiRequest {
  readonly method: string;
  /** What follows `/api/v1/`, split at slashes and decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** The whole body as text. */
  body(): Promise<string>;
  /** The client left. */
  readonly gone: AbortSignal;
}

/** `/messages` and what is below it. */
export function answerMessages(deps: MessageDeps, request: ApiRequest): Promise<Answer> {
  const { path, method } = request;
  const [, second, third] = path;
  if (path.length === 1) {
    if (method === 'GET') return get(deps, request);
    if (method === 'POST') return push(deps, request);
    // HEAD would take a message out and show nobody.
    throw wrongMethod('GET, POST');
  }
  if (path.length === 3 && second === 'status' && third !== undefined) {
    if (method !== 'GET') throw wrongMethod('GET');
    return status(deps, readId(third));
  }
  if (path.length === 3 && second === 'reply' && third !== undefined) {
    if (method !== 'POST') throw wrongMethod('POST');
    return reply(deps, request, readId(third));
  }
  if (second === 'topics') throw forbidden('Which topics may be used is set in Hypha, not here.');
  throw notFound();
}

async function get(deps: MessageDeps, { query, gone }: ApiRequest): Promise<Answer> {
  const peek = readFlag(query, 'peek');
  const timeout = (readSeconds(query, 'timeout') ?? 0) * 1000;
  // Not every client writes a plus sign so that it comes through: in base64 a space can be nothing else.
  const text = only(query, 'topic')?.replaceAll(' ', '+');
  const topic = text === undefined ? undefined : fromBase64(text);
  if (topic === null) throw badRequest('topic: expected base64.');
  const scopes = deps.topics();
  if (topic !== undefined) check(deps, topic);
  const wanted = { scopes, ...(topic === undefined ? {} : { topic }) };
  const options = { timeout, signal: gone };
  if (peek) {
    const message = await deps.mailbox.peek(wanted, options);
    return message === null ? { status: 204 } : { status: 200, json: messageJson(message, deps.publicKey) };
  }
  return handOver(deps, await deps.mailbox.borrow(wanted, options), { status: 204 });
}

async function push(deps: MessageDeps, request: ApiRequest): Promise<Answer> {
  const wait = readSeconds(request.query, 'reply_timeout');
  const { destination, topic, payload } = readPush(await request.body());
  if (topic.length > 255) throw badRequest('topic: 255 bytes at most.');
  check(deps, topic);
  const id = deps.mailbox.send({ destination, topic, data: payload, ttl: deps.ttl });
  if (wait === null) return { status: 201, json: { id } };
  const options = { timeout: wait * 1000, signal: request.gone };
  // 408, although nobody was slow to ask: so says the daemon that no answer came.
  return handOver(deps, await deps.mailbox.borrow({ answerTo: id }, options), { status: 408, json: { id } });
}

type Loan = Awaited<ReturnType<MessagePort['borrow']>>;

/** A message is gone once the client has it, and not when it merely asked for it. */
function handOver(deps: MessageDeps, lent: Loan, none: Answer): Answer {
  if (lent === null) return none;
  const json = messageJson(lent.message, deps.publicKey);
  return { status: 200, json, sent: () => lent.done(), lost: () => lent.giveBack() };
}

async function reply(deps: MessageDeps, request: ApiRequest, id: string): Promise<Answer> {
  const { destination, payload } = readPush(await request.body());
  const topic = deps.mailbox.topicOf(id, destination);
  if (topic === null || !isAllowed(deps, topic)) {
    throw forbidden('There is no message of that sender under this id that may be answered here.');
  }
  deps.mailbox.send({ destination, data: payload, replyTo: id, ttl: deps.ttl });
  return { status: 204 };
}

async function status(deps: MessageDeps, id: string): Promise<Answer> {
  const sent = deps.mailbox.status(id);
  if (sent === null) throw notFound();
  const topic = sent.reply ? deps.mailbox.topicOf(id, sent.destination) : sent.topic;
  if (topic === null || !isAllowed(deps, topic)) throw notFound();
  return { status: 200, json: statusJson(sent) };
}

function isAllowed({ topics }: MessageDeps, topic: Uint8Array): boolean {
  return topics().some((one) => equalBytes(one, topic));
}

function check(deps: MessageDeps, topic: Uint8Array): void {
  if (isOwnTopic(topic)) throw forbidden('Topics that begin with hypha/ are Hypha’s own: no program may use them.');
  if (!isAllowed(deps, topic)) throw forbidden('This topic may not be used here. Allow it in Hypha first.');
}

function readId(text: string): string {
  if (!/^[0-9a-fA-F]{16}$/.test(text)) throw badRequest('A message id has 16 hex digits.');
  return text.toLowerCase();
}

function only(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  if (values.length > 1) throw badRequest(`${name}: given twice.`);
  return values[0];
}

function readFlag(query: URLSearchParams, name: string): boolean {
  const text = only(query, name);
  if (text !== undefined && text !== 'true' && text !== 'false') throw badRequest(`${name}: expected true or false.`);
  return text === 'true';
}

function readSeconds(query: URLSearchParams, name: string): number | null {
  const text = only(query, name);
  if (text === undefined) return null;
  if (!/^\d{1,20}$/.test(text)) throw new Refusal(400, `${name}: expected seconds.`);
  return Number(text);
}
