/*
 * Messages between two Hyphas about a ledger: JSON-RPC 2.0, one message a line of UTF-8 (docs/formats/ledger-peers.md).
 */

/** Bytes of one line, without its end. */
export const longestQuestion = 512 * 1024;
export const longestAnswer = 4 * 1024 * 1024;

/** What came is no line that anybody would send. */
export class BadLine extends Error {}

/** Cuts what arrives into lines. Holds one line at most, of at most so many bytes. */
export function createLineReader(longest: number) {
  let held: Uint8Array[] = [];
  let length = 0;
  return {
    /** @throws BadLine */
    *push(chunk: Uint8Array): Generator<string> {
      let rest = chunk;
      for (;;) {
        const end = rest.indexOf(0x0a);
        const part = end === -1 ? rest : rest.subarray(0, end);
        length += part.length;
        if (length > longest) throw new BadLine(`a line of more than ${longest} bytes`);
        if (part.length > 0) held.push(part);
        if (end === -1) return;
        const line = Buffer.concat(held).toString('utf8');
        held = [];
        length = 0;
        rest = rest.subarray(end + 1);
        yield line;
      }
    },
    /** Something of a line is here that is not whole. */
    partial: (): boolean => length > 0,
  };
}
