import type { Descriptor } from '../layout/descriptor.ts';
import type { Namespace } from '../namespaces.ts';
import { limits } from '../wire/limits.ts';
import { array, bulkText, failure, integer, ok, type Reply } from '../wire/reply.ts';
import { type Word, wordText } from '../wire/request-parser.ts';
import {
  type Answer,
  adminOnly,
  exactly,
  type Ground,
  type Handler,
  leadingNumber,
  now,
  refuse,
  type Session,
} from './answer.ts';
import { namespaceInfo } from './info.ts';

/* Commands on namespaces: NSNEW NSDEL NSLIST NSINFO NSSET NSJUMP RELOAD FLUSH DBSIZE. */

const tooLong = refuse('Namespace too long');
const notFound = refuse('Namespace not found');
const internalServer = failure('Internal Server Error');

const later = (reply: Promise<Reply>): Answer => ({ kind: 'later', reply });
/** Words that every command on a namespace by name checks alike. */
const named = (words: readonly Word[], count: number): Answer | null =>
  exactly(words, count) ?? ((words[1]?.length ?? 0) > limits.name ? tooLong : null);

export const nsnew: Handler = (ground, session, words) => {
  const wrong = adminOnly(ground, session) ?? named(words, 2);
  if (wrong !== null) return wrong;
  const create = async (): Promise<Reply> => {
    const refused = await ground.namespaces.create(wordText(words[1]));
    if (refused === 'not allowed') return failure('This name is not allowed');
    if (refused === 'taken') return failure('This namespace is not available');
    return refused === null ? ok : failure('Could not create namespace');
  };
  return later(create());
};

export const nsdel: Handler = (ground, session, words) => {
  const wrong = adminOnly(ground, session) ?? named(words, 2);
  if (wrong !== null) return wrong;
  const namespace = ground.namespaces.get(wordText(words[1]));
  if (namespace === ground.namespaces.default) return refuse('Cannot remove default namespace');
  if (namespace === null) return refuse("This namespace doesn't exists");
  if (namespace === session.namespace) return refuse("Cannot remove namespace you're currently using.");
  return later(
    ground.namespaces.remove(namespace).then((done) => (done ? ok : failure('Could not delete this namespace'))),
  );
};

export const nslist: Handler = (ground) => now(array(ground.namespaces.list().map(({ name }) => bulkText(name))));

export const nsinfo: Handler = (ground, session, words) => {
  const wrong = named(words, 2);
  if (wrong !== null) return wrong;
  const namespace = ground.namespaces.get(wordText(words[1]));
  return namespace === null ? notFound : now(bulkText(namespaceInfo(ground, session, namespace)));
};

export const nsset: Handler = (ground, session, words) => {
  const wrong = adminOnly(ground, session) ?? named(words, 4);
  if (wrong !== null) return wrong;
  const [, nameWord, propertyWord, valueWord] = words as [Word, Word, Word, Word];
  if (propertyWord.length > 128 || valueWord.length > limits.setting) return refuse('Argument too long');
  const namespace = ground.namespaces.get(wordText(nameWord));
  if (namespace === null) return notFound;
  const property = wordText(propertyWord);
  const value = wordText(valueWord);
  const yes = value.startsWith('1');
  if (property === 'mode') return setMode(ground, namespace, value);
  if (property === 'lock') return change(ground, namespace, { lock: yes ? 'locked' : 'open' });
  if (property === 'freeze') return change(ground, namespace, { lock: yes ? 'frozen' : 'open' });
  if (namespace === ground.namespaces.default) return refuse('Cannot update default namespace');
  switch (property) {
    case 'maxsize': {
      const maxsize = leadingNumber(value);
      return maxsize === null ? refuse('Invalid property value') : change(ground, namespace, { maxsize });
    }
    case 'public':
      return change(ground, namespace, { isPublic: yes });
    case 'worm':
      return change(ground, namespace, { worm: yes });
    case 'password':
      return later(
        ground.namespaces
          .setPassword(namespace, value === '*' ? null : value, 'person')
          .then((done) => (done ? ok : failure('Too many passwords are being checked, try again'))),
      );
    default:
      return refuse('Invalid property');
  }
};

function change(ground: Ground, namespace: Namespace, settings: Partial<Descriptor>): Answer {
  return later(ground.namespaces.change(namespace, settings).then(() => ok));
}

function setMode(ground: Ground, namespace: Namespace, value: string): Answer {
  if (ground.oneMode) return refuse('This server instance is configured to use a single runtime mode');
  if (!namespace.store.fresh()) return refuse('Cannot change mode of used namespace');
  if (value !== 'user' && value !== 'seq') return refuse('Invalid property value (expected: user, seq)');
  namespace.store.setMode(value);
  return later(
    namespace.store
      .settled()
      .then(() => ground.namespaces.change(namespace, {}))
      .then(() => ok),
  );
}

export const nsjump: Handler = (ground, session) =>
  adminOnly(ground, session) ?? (session.namespace.store.jump() ? now(ok) : refuse('Internal Server Error'));

export const reload: Handler = (ground, session, words) => {
  const wrong = adminOnly(ground, session) ?? named(words, 2);
  if (wrong !== null) return wrong;
  const namespace = ground.namespaces.get(wordText(words[1]));
  if (namespace === null) return notFound;
  return later(ground.namespaces.reload(namespace).then(() => ok));
};

/** 0-db lets also those flush who may only read; here it takes leave to write, and an open namespace. */
export const flush: Handler = (ground, session: Session) => {
  const { namespace } = session;
  const { settings } = namespace;
  if (settings.isPublic || namespace.password === null) return refuse('Flushing public namespace denied');
  if (!session.writable) return refuse('Namespace is in read-only mode');
  if (settings.lock === 'frozen') return refuse('Namespace is temporarily frozen (read-write disabled)');
  if (settings.lock === 'locked') return refuse('Namespace is temporarily locked (read-only)');
  if (settings.worm) return refuse('Namespace is protected by worm mode');
  return later(
    ground.namespaces.flush(namespace).then(
      () => ok,
      (error: unknown) => {
        ground.log.warn({ namespace: namespace.name, error: String(error) }, 'a namespace could not be emptied');
        return internalServer;
      },
    ),
  );
};

export const dbsize: Handler = (_ground, session) => now(integer(session.namespace.store.stats().entries));
