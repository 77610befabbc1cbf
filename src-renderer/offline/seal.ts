/**
 * How a listing is sealed in the browser's storage: AES-256-GCM by WebCrypto.
 *
 *     12 bytes  nonce, random
 *     rest      ciphertext and 16-byte tag over UTF-8 JSON; additional data is the row's id
 *
 * The key comes from the agent on unlock, is not extractable, and is dropped on lock. A row moved under another id, cut
 * or changed does not open.
 */
export type SealKey = CryptoKey;

const nonceLength = 12;

export async function importKey(raw: Uint8Array): Promise<SealKey> {
  return crypto.subtle.importKey('raw', new Uint8Array(raw), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

export async function seal(key: SealKey, id: string, value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceLength));
  const plain = new TextEncoder().encode(JSON.stringify(value));
  const additionalData = new TextEncoder().encode(id);
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, plain),
  );
  const row = new Uint8Array(nonceLength + sealed.length);
  row.set(nonce);
  row.set(sealed, nonceLength);
  return row;
}

/** The value, or undefined when the row was made with another key, for another id, or is damaged. */
export async function unseal(key: SealKey, id: string, row: Uint8Array): Promise<unknown> {
  try {
    const bytes = new Uint8Array(row);
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: bytes.slice(0, nonceLength), additionalData: new TextEncoder().encode(id) },
      key,
      bytes.slice(nonceLength),
    );
    return JSON.parse(new TextDecoder().decode(plain));
  } catch {
    return undefined;
  }
}
