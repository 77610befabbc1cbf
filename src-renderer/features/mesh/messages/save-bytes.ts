/** Save bytes, part behind part, as a file, where the browser puts downloads. */
export function saveBytes(name: string, parts: readonly Uint8Array[]): void {
  const own = parts.map((bytes) => new Uint8Array(bytes));
  const url = URL.createObjectURL(new Blob(own, { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
