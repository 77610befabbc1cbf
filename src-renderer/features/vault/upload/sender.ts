import type { AgentClient } from '#shared/contract/agent.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { UploadJob } from './job.ts';

export type UploadClient = Pick<
  AgentClient,
  'vault.uploadOpen' | 'vault.uploadWrite' | 'vault.uploadCommit' | 'vault.uploadAbort'
>;
type UploadId = Parameters<AgentClient['vault.uploadWrite']>[0]['upload'];

export type Outcome = { kind: 'stored'; item: ItemId } | { kind: 'skipped' } | { kind: 'interrupted' };

/** The contract takes at most this much in one `vault.uploadWrite`. */
export const chunkBytes = 1024 * 1024;

interface Session {
  upload: UploadId | null;
  interrupted: 'pause' | 'cancel' | null;
}

/**
 * Sends one file: one chunk is under way and the next is being read, never more, so memory stays at two chunks a file
 * and the agent's answers set the pace. A paused file keeps its place in the agent and goes on from there.
 */
export function createSender(deps: { progress: (job: UploadJob, sent: number) => void }) {
  const sessions = new Map<number, Session>();
  const sessionOf = (job: UploadJob): Session => {
    const known = sessions.get(job.id);
    if (known) return known;
    const made: Session = { upload: null, interrupted: null };
    sessions.set(job.id, made);
    return made;
  };

  const open = async (job: UploadJob, client: UploadClient): Promise<UploadId | null> => {
    deps.progress(job, 0);
    const { source } = job;
    const answer = await client['vault.uploadOpen']({
      into: job.into,
      path: [...source.path],
      size: source.bytes.size,
      modified: Math.max(0, Math.trunc(source.modified)),
      clash: job.clash,
    });
    return answer.skipped ? null : answer.upload;
  };

  const read = async (job: UploadJob, offset: number): Promise<Uint8Array> => {
    const end = Math.min(offset + chunkBytes, job.source.bytes.size);
    return new Uint8Array(await job.source.bytes.slice(offset, end).arrayBuffer());
  };

  const stream = async (job: UploadJob, client: UploadClient, session: Session, upload: UploadId) => {
    const size = job.source.bytes.size;
    let offset = job.sent;
    let next = offset < size ? read(job, offset) : null;
    while (next !== null) {
      const bytes = await next;
      if (session.interrupted !== null) return false;
      if (bytes.length === 0) throw new Error('The file became shorter while it was read.');
      const after = offset + bytes.length;
      const written = client['vault.uploadWrite']({ upload, offset, bytes });
      next = after < size ? read(job, after) : null;
      // A read that fails while the write is under way is reported when its turn comes.
      next?.catch(() => {});
      const { received } = await written;
      offset = after;
      deps.progress(job, received);
    }
    return session.interrupted === null;
  };

  return {
    /** @throws Fail as the agent says; Error when the file cannot be read. */
    async send(job: UploadJob, client: UploadClient): Promise<Outcome> {
      const session = sessionOf(job);
      session.interrupted = null;
      for (const again of [false, true]) {
        try {
          if (again || session.upload === null) {
            session.upload = null;
            session.upload = await open(job, client);
            if (session.upload === null) return { kind: 'skipped' };
          }
          const upload = session.upload;
          if (upload === null) continue;
          if (!(await stream(job, client, session, upload))) return interrupted(session, client);
          const { item } = await client['vault.uploadCommit']({ upload });
          sessions.delete(job.id);
          return { kind: 'stored', item: item.id };
        } catch (error) {
          if (session.interrupted !== null) return interrupted(session, client);
          // The agent gave it up meanwhile (a long pause, a lock, another connection): begin again, once.
          if (!again && session.upload !== null && isFail(error, 'NOT_FOUND')) continue;
          await abort(session, client);
          throw error;
        }
      }
      return { kind: 'interrupted' };
    },
    interrupt(job: UploadJob, why: 'pause' | 'cancel'): void {
      const session = sessions.get(job.id);
      if (session) session.interrupted = why;
    },
    /** The connection is gone, and with it what the agent had. */
    forget(job: UploadJob): void {
      sessions.delete(job.id);
    },
    /** Give up what the agent still has of a file that is not being sent. */
    abandon(job: UploadJob, client: UploadClient | null): void {
      const session = sessions.get(job.id);
      if (client === null || session === undefined || session.upload === null) return;
      void abort(session, client);
    },
  };
}

async function interrupted(session: Session, client: UploadClient): Promise<Outcome> {
  if (session.interrupted === 'cancel') await abort(session, client);
  return { kind: 'interrupted' };
}

async function abort(session: Session, client: UploadClient): Promise<void> {
  const { upload } = session;
  session.upload = null;
  if (upload === null) return;
  // Nothing of an open upload is visible; when this fails the agent drops it with the connection.
  await client['vault.uploadAbort']({ upload }).catch(() => {});
}
