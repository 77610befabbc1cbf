import { fail } from '#shared/rpc/fail.ts';
import type { MeshStreams } from '../../ports.ts';
import type { Dial } from '../resp/dial.ts';
import { friendPort } from './port.ts';

/** To this very device of a contact: whoever answers there has its key. */
export const dialFriend =
  (streams: MeshStreams | undefined, hostKey: string): Dial =>
  async (signal) => {
    if (streams === undefined) throw fail('MESH_OFF', 'There is no mesh here.');
    return (await streams.dial([hostKey], friendPort, signal)).stream;
  };
