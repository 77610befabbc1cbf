import type { Database } from '#core/store/database.ts';

/** Stands for all contacts. */
const everyone = '*';

/** Who may look at the own ledger and hand in transactions; durable when these return. */
export function createLetIn({ db, transaction }: Database) {
  const all = db.prepare('SELECT contact, at FROM let_in ORDER BY at, contact');
  const put = db.prepare('INSERT OR IGNORE INTO let_in VALUES (?, ?)');
  const remove = db.prepare('DELETE FROM let_in WHERE contact = ?');
  const rows = () => all.all() as { contact: string; at: number }[];
  const change = (contacts: readonly string[], one: (contact: string) => unknown) =>
    transaction(() => {
      for (const contact of contacts) one(contact);
    });
  return {
    contacts: () => rows().filter(({ contact }) => contact !== everyone),
    everyone: (): boolean => rows().some(({ contact }) => contact === everyone),
    any: (): boolean => rows().length > 0,
    has: (wanted: string): boolean => rows().some(({ contact }) => contact === everyone || contact === wanted),
    add: (contacts: readonly string[], at: number) => change(contacts, (contact) => put.run(contact, at)),
    remove: (contacts: readonly string[]) => change(contacts, (contact) => remove.run(contact)),
    addEveryone: (at: number) => change([everyone], (contact) => put.run(contact, at)),
    removeEveryone: () => change([everyone], (contact) => remove.run(contact)),
  };
}

export type LetIn = ReturnType<typeof createLetIn>;
