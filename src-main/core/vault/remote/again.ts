import { ConnectionError } from './resp/reply.ts';

/**
 * Ask once more when the connection broke, as one does that was idle for so long that somebody on the way forgot it. For
 * calls that may be carried out twice without harm.
 */
export async function again<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ConnectionError) || error.failure !== 'closed') throw error;
    return ask();
  }
}
