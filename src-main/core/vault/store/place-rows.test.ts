import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '#core/store/database.ts';
import { quietLog } from '../testing/harness.ts';
import { createCatalogue } from './catalogue.ts';
import { changedRecords } from './publish.ts';
import { migrations } from './schema.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hypha-rows-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const open = (upTo: number) =>
  openDatabase({ path: join(home, 'catalogue.db'), migrations: migrations.slice(0, upTo), log: quietLog });

/** As the first release wrote it. */
function firstRelease(): void {
  const { db, close } = open(3);
  db.exec(`INSERT INTO vault VALUES (1, x'00112233445566778899aabbccddeeff', 2, 1, 1, x'01', x'02', 5, 7, 6, 0)`);
  db.exec(
    `INSERT INTO places VALUES ('p1', 'Place 1', 'places/1', 'fs:1', 'This computer’s disk', 'active', 9, NULL, 3)`,
  );
  close();
}

describe('places in the catalogue', () => {
  it('of the first release are directories of one’s own, and are published as that release reads them', () => {
    firstRelease();
    const database = open(migrations.length);
    const catalogue = createCatalogue(database, home);
    expect(catalogue.places()).toEqual([
      {
        id: 'p1',
        name: 'Place 1',
        address: { kind: 'directory', path: join(home, 'places', '1') },
        path: join(home, 'places', '1'),
        sealed: null,
        owner: '',
        site: '',
        limit: null,
        weight: 1,
        device: 'fs:1',
        deviceName: 'This computer’s disk',
        state: 'active',
        added: 9,
        checked: null,
      },
    ]);
    expect([...changedRecords(database.db, 0)]).toEqual([
      ['place', 'p1', 'Place 1', 'places/1', 'fs:1', 'This computer’s disk', 'active', 9],
    ]);
    database.close();
  });

  it('keep and publish address, seal and what was said about them', () => {
    firstRelease();
    const database = open(migrations.length);
    const catalogue = createCatalogue(database, home);
    const address = { kind: 'zdb', host: 'a.example', port: 9900, namespace: 'n' } as const;
    const sealed = new Uint8Array([1, 2, 3]);
    const said = { owner: 'Ann', site: 'attic', limit: 5_000_000, weight: 3 };
    const row = { id: 'p2', name: 'Far', address, sealed, ...said, device: 'host:a.example', deviceName: 'a.example' };
    catalogue.putPlace({ ...row, state: 'active', added: 10, checked: null });
    expect(catalogue.places()[1]).toMatchObject({ ...row, path: 'a.example:9900/n' });
    expect([...changedRecords(database.db, 6)]).toEqual([
      ['place', 'p2', 'Far', '', 'host:a.example', 'a.example', 'active', 10, { address, sealed, ...said }],
    ]);
    database.close();
  });
});
