import { type BincodeReader, BincodeWriter, decodeWhole, NotBincode } from './bincode.ts';
import { checksumBytes, encodeMetaData, type MetaData, readMetaData } from './metadata.ts';

/**
 * What zstor's daemon is told over its unix socket, and answers. A frame is u16 *big-endian* length || bincode:
 *
 *     Command   u32 0 Store    | string file | Option<string> key directory | u8 save failure | u8 delete | u8 blocking
 *               u32 1 Retrieve | string file
 *               u32 2 Rebuild  | Option<string> file | Option<string> key | Option<MetaData>
 *               u32 3 Check    | string file
 *     Response  u32 0 Success  |  u32 1 Err | string  |  u32 2 Checksum | 16 B
 */
export type Command =
  | {
      readonly kind: 'store';
      readonly file: string;
      readonly keyDirectory: string | null;
      readonly saveFailure: boolean;
      readonly deleteAfter: boolean;
      readonly blocking: boolean;
    }
  | { readonly kind: 'retrieve'; readonly file: string }
  | {
      readonly kind: 'rebuild';
      readonly file: string | null;
      readonly key: string | null;
      readonly metadata: MetaData | null;
    }
  | { readonly kind: 'check'; readonly file: string };
export type Response =
  | { readonly kind: 'success' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'checksum'; readonly checksum: Uint8Array };

export function encodeCommand(c: Command): Uint8Array {
  const w = new BincodeWriter();
  const text = (value: string): void => void w.string(value);
  if (c.kind === 'store') {
    w.u32(0).string(c.file).option(c.keyDirectory, text).bool(c.saveFailure).bool(c.deleteAfter).bool(c.blocking);
  } else if (c.kind === 'retrieve') w.u32(1).string(c.file);
  else if (c.kind === 'rebuild') {
    w.u32(2)
      .option(c.file, text)
      .option(c.key, text)
      .option(c.metadata, (m) => void w.raw(encodeMetaData(m)));
  } else w.u32(3).string(c.file);
  return w.done();
}

/** @returns null for anything {@link encodeCommand} would not have written */
export function decodeCommand(bytes: Uint8Array): Command | null {
  return decodeWhole(bytes, (r): Command => {
    const text = (): string | null => r.option(() => r.string());
    switch (r.u32()) {
      case 0: {
        const [file, keyDirectory] = [r.string(), text()];
        const [saveFailure, deleteAfter, blocking] = [r.bool(), r.bool(), r.bool()];
        return { kind: 'store', file, keyDirectory, saveFailure, deleteAfter, blocking };
      }
      case 1:
        return { kind: 'retrieve', file: r.string() };
      case 2:
        return { kind: 'rebuild', file: text(), key: text(), metadata: r.option(() => readMetaData(r)) };
      case 3:
        return { kind: 'check', file: r.string() };
      default:
        throw new NotBincode('no command of zstor');
    }
  });
}

export function encodeResponse(response: Response): Uint8Array {
  const w = new BincodeWriter();
  if (response.kind === 'success') return w.u32(0).done();
  if (response.kind === 'error') return w.u32(1).string(response.message).done();
  return w.u32(2).raw(response.checksum).done();
}

/** @returns null for anything {@link encodeResponse} would not have written */
export function decodeResponse(bytes: Uint8Array): Response | null {
  return decodeWhole(bytes, (r: BincodeReader): Response => {
    switch (r.u32()) {
      case 0:
        return { kind: 'success' };
      case 1:
        return { kind: 'error', message: r.string() };
      case 2:
        return { kind: 'checksum', checksum: r.raw(checksumBytes) };
      default:
        throw new NotBincode('no answer of zstor');
    }
  });
}

/** The frame around a command or an answer. @throws RangeError past 65,535 bytes, which its length has no room for */
export function frame(message: Uint8Array): Uint8Array {
  if (message.length > 0xffff) throw new RangeError('too long for a frame of zstor');
  const out = new Uint8Array(2 + message.length);
  new DataView(out.buffer).setUint16(0, message.length);
  out.set(message, 2);
  return out;
}

/** @returns the message of a whole frame that `bytes` begin with, and what follows it; null while it is not all there */
export function unframe(bytes: Uint8Array): { readonly message: Uint8Array; readonly rest: Uint8Array } | null {
  if (bytes.length < 2) return null;
  const end = 2 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(0);
  return bytes.length < end ? null : { message: bytes.slice(2, end), rest: bytes.slice(end) };
}
