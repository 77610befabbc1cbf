import { isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';

/** The session, or null when there was no vault ever: an empty list says it better than an error. Of one that was found it would lie. */
export async function listable(core: Core): Promise<Session | null> {
  core.root();
  try {
    return await core.session();
  } catch (error) {
    if (isFail(error, 'NO_VAULT') && !core.found()) return null;
    throw error;
  }
}
