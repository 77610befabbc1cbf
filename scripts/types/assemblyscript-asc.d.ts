/**
 * The one function of AssemblyScript's compiler that is used here. Its own types declare a global `console` and drag
 * in a second set of globals, which breaks type-checking everywhere else.
 */
export function main(
  argv: string[],
  options?: {
    readFile?: (name: string, baseDir: string) => string | null | Promise<string | null>;
    writeFile?: (name: string, contents: Uint8Array | string, baseDir: string) => void | Promise<void>;
    listFiles?: (dir: string, baseDir: string) => string[] | null | Promise<string[] | null>;
    stdout?: { write(chunk: Uint8Array | string): void };
    stderr?: { write(chunk: Uint8Array | string): void };
  },
): Promise<{ error: Error | null; stdout: { toString(): string }; stderr: { toString(): string } }>;

declare const asc: { main: typeof main };
export default asc;
