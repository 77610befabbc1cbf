import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendConformance, type Ground } from '../../places/backend-conformance.ts';
import { realClock } from '../testing/real-clock.ts';
import { createSftpBackend } from './backend.ts';
import { readHostKey } from './connect.ts';
import { kinds, statusPacket } from './testing/packets.ts';
import { login, sftpServer, startSshServer } from './testing/ssh-server.ts';

const skip = sftpServer === null ? 'the program sftp-server is not there (Debian: openssh-sftp-server)' : undefined;

/** With OpenSSH's extensions, and without any. */
const prepare = (plain: boolean) => async (): Promise<Ground> => {
  const home = await mkdtemp(join(tmpdir(), 'hypha-sftp-'));
  const server = await startSshServer(home);
  server.plain = plain;
  const address = { host: '127.0.0.1', port: server.port };
  const hostKey = await readHostKey(address, realClock);
  const options = { ...address, ...login, path: 'a/hypha', hostKey };
  const place = join(home, 'a', 'hypha');
  return {
    open: () => createSftpBackend(options, realClock, { waits: [5, 20, 50] }),
    async litter() {
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'holiday.jpg'), 'x');
    },
    async scrawl(bytes) {
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'hypha-place.json'), bytes);
    },
    async fill() {
      // A full disk, as OpenSSH's server tells it: a plain failure, and no free blocks when asked.
      server.request = (packet, answer) => {
        const id = packet.readUInt32BE(1);
        const position = packet[0] === kinds.write ? positionOf(packet) : 0;
        if (packet[0] !== kinds.write || position < 512 * 1024) return packet;
        answer(statusPacket(id, 4, plain ? 'No space left on device' : 'Failure'));
        return null;
      };
      server.reply = (packet) => {
        // The fifth of statvfs' eleven numbers is how many blocks are free.
        if (packet[0] === kinds.extendedReply && packet.length === 5 + 88) packet.fill(0, 5 + 32, 5 + 40);
        return packet;
      };
    },
    async makeRoom() {
      server.request = (packet) => packet;
      server.reply = (packet) => packet;
    },
    cut: () => server.cut(),
    async end() {
      await server.close();
      await rm(home, { recursive: true, force: true });
    },
  };
};

/** Of SSH_FXP_WRITE: id, string handle, u64 offset, string data. */
function positionOf(packet: Buffer): number {
  const handle = packet.readUInt32BE(5);
  return Number(packet.readBigUInt64BE(9 + handle));
}

backendConformance('SFTP, with what OpenSSH offers', { prepare: prepare(false), skip });
backendConformance('SFTP, version 3 alone', { prepare: prepare(true), skip });
