import type { Database } from '#core/store/database.ts';

/**
 * Earlier, what the person wrote was kept in the mesh's own database, under the `seq` of the row here that sent it, and an end of
 * the program between the two could leave one without the other. This takes it over: a text whose message is here becomes a letter.
 * A text without one says neither to whom it went nor whether it did, and was never shown; so also one whose `seq` another message
 * has by now, as after this database was restored from its copy. A message without a text stays what a program's is: it is sent.
 *
 * Durable when it returns, and once or often the same.
 */
export function adoptLetters(
  { db, transaction }: Database,
  texts: readonly { readonly seq: number; readonly data: Uint8Array }[],
): void {
  const adopt = db.prepare(
    `UPDATE outbox SET letter = 1, data = ? WHERE seq = ? AND size = ? AND letter = 0 AND (data IS NULL OR data = ?)`,
  );
  transaction(() => {
    for (const { seq, data } of texts) adopt.run(data, seq, data.length, data);
  });
}
