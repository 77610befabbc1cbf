import { equalBytes } from '#core/crypto/equal.ts';
import { toHex } from '#core/crypto/ids.ts';
import { sha1 } from '#core/crypto/sha1.ts';
import type { Namespace } from '../namespaces.ts';
import { secureResponse } from '../password.ts';
import { limits } from '../wire/limits.ts';
import { failure, ok, type Reply, simple } from '../wire/reply.ts';
import { type Word, wordText } from '../wire/request-parser.ts';
import { type Answer, exactly, type Handler, invalid, now, refuse, type Session, unexpected } from './answer.ts';

/* Who may do what: AUTH for administrators, SELECT for namespaces. */

const denied = refuse('Access denied');
const noChallenge = refuse('No CHALLENGE requested, secure authentication not available');
const challengeBytes = 8;
const responseLength = 40;
const adminPasswordMost = 128;
const passwordMost = 255;

const sameText = (a: string, b: string): boolean =>
  equalBytes(sha1(Buffer.from(a, 'latin1')), sha1(Buffer.from(b, 'latin1'))) && a === b;

export const auth: Handler = (ground, session, words) => {
  if (words.length === 2) {
    if (ground.admin === null) return refuse('Authentication disabled');
    const wrong = exactly(words, 2);
    if (wrong !== null) return wrong;
    const [, password] = words as [Word, Word];
    if (password.length > adminPasswordMost) return refuse('Password too long');
    if (!sameText(wordText(password), ground.admin)) return denied;
    session.admin = true;
    return now(ok);
  }
  if (words.length !== 3) return unexpected;
  const wrong = exactly(words, 3);
  if (wrong !== null) return wrong;
  if (wordText(words[1]).toUpperCase() !== 'SECURE') return refuse('Only SECURE extra method supported');
  const response = wordText(words[2]);
  if (response.toUpperCase() === 'CHALLENGE') {
    session.challenge = toHex(ground.random(challengeBytes));
    return now(simple(session.challenge));
  }
  if (ground.admin === null) return refuse('Authentication disabled');
  if (session.challenge === null) return noChallenge;
  if (response.length !== responseLength) return refuse('Invalid hash length');
  const right = sameText(response, secureResponse(session.challenge, ground.admin));
  session.challenge = null;
  if (!right) return denied;
  session.admin = true;
  return now(ok);
};

export const select: Handler = (ground, session, words) => {
  const [, nameWord, second, third] = words;
  if (nameWord === undefined) return invalid;
  if (nameWord.length > limits.name) return refuse('Namespace too long');
  const namespace = ground.namespaces.get(wordText(nameWord));
  if (namespace === null) return refuse('Namespace not found');
  const isDefault = namespace === ground.namespaces.default;
  const adminGuards = isDefault && ground.protect && ground.admin !== null;
  const { password, settings } = namespace;
  // A password that cannot be told from none would be worse than a refusal: what the file says counts.
  if (!adminGuards && password === null) return enter(session, namespace, true);
  if (second === undefined) {
    if (!adminGuards && !settings.isPublic) return refuse('Namespace protected and private');
    return enter(session, namespace, false);
  }
  if (words.length > 4) return refuse('Too many arguments');
  if (third === undefined) {
    if (second.length > passwordMost) return refuse('Password too long');
    const given = wordText(second);
    if (adminGuards) return sameText(given, ground.admin ?? '') ? enter(session, namespace, true) : denied;
    const right = password?.check(given) ?? false;
    if (typeof right === 'boolean') return right ? enter(session, namespace, true) : denied;
    return { kind: 'later', reply: enterLater(session, namespace, right) };
  }
  if (wordText(second).toUpperCase() !== 'SECURE') return refuse('Only SECURE extra method supported');
  if (session.challenge === null) return noChallenge;
  if (third.length !== responseLength) return refuse('Invalid hash length');
  const response = wordText(third);
  const right = adminGuards
    ? sameText(response, secureResponse(session.challenge, ground.admin ?? ''))
    : (password?.checkResponse(session.challenge, response) ?? false);
  return right ? enter(session, namespace, true) : denied;
};

function enter(session: Session, namespace: Namespace, writable: boolean): Answer {
  session.namespace = namespace;
  session.writable = writable;
  return now(ok);
}

async function enterLater(session: Session, namespace: Namespace, right: Promise<boolean | null>): Promise<Reply> {
  const granted = await right;
  if (granted === null) return failure('Too many passwords are being checked, try again');
  if (!granted || namespace.removed) return failure('Access denied');
  enter(session, namespace, true);
  return ok;
}
