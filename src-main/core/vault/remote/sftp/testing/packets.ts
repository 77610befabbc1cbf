/** Cuts a stream of SFTP (u32 length, then so many bytes) into its packets, without their lengths. */
export function createPacketReader(take: (packet: Buffer) => void): (piece: Buffer) => void {
  let waiting = Buffer.alloc(0);
  return (piece) => {
    waiting = Buffer.concat([waiting, piece]);
    while (waiting.length >= 4) {
      const length = waiting.readUInt32BE(0);
      if (waiting.length < 4 + length) return;
      const packet = waiting.subarray(4, 4 + length);
      waiting = waiting.subarray(4 + length);
      take(packet);
    }
  };
}

export function framed(packet: Uint8Array): Buffer {
  const out = Buffer.alloc(4 + packet.length);
  out.writeUInt32BE(packet.length);
  out.set(packet, 4);
  return out;
}

export const kinds = {
  version: 2,
  open: 3,
  read: 5,
  write: 6,
  opendir: 11,
  readdir: 12,
  extended: 200,
  status: 101,
  data: 103,
  extendedReply: 201,
};

/** SSH_FXP_STATUS for the request of this id. */
export function statusPacket(id: number, code: number, text: string): Buffer {
  const message = Buffer.from(text);
  const out = Buffer.alloc(1 + 4 + 4 + 4 + message.length + 4);
  out[0] = kinds.status;
  out.writeUInt32BE(id, 1);
  out.writeUInt32BE(code, 5);
  out.writeUInt32BE(message.length, 9);
  out.set(message, 13);
  return out;
}

/** SSH_FXP_VERSION without any extension. */
export const bareVersion = Buffer.from([kinds.version, 0, 0, 0, 3]);
