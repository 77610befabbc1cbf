import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openOneRoom } from '../../hosting/testing/one-room.ts';
import { backendConformance } from '../../places/backend-conformance.ts';

backendConformance('a contact’s Hypha', {
  async prepare() {
    const room = await openOneRoom();
    return {
      open: () => room.open(),
      async litter() {
        await mkdir(join(room.directory, 's-c'), { recursive: true });
        await writeFile(join(room.directory, 's-c', 's-holiday.jpg'), 'x');
      },
      scrawl: (bytes) => writeFile(join(room.directory, 'mark'), bytes),
      // Room for something, and for nothing of a MiB.
      async fill() {
        room.state.bytes = (await room.room().state()).used + 512 * 1024;
      },
      async makeRoom() {
        room.state.bytes = 1024 ** 3;
      },
      cut: () => room.cut(),
      end: () => room.end(),
    };
  },
});
