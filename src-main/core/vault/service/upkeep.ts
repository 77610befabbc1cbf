import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { PlaceId } from '#shared/model/ids.ts';
import type { Core } from '../core.ts';
import { notFound, throwIfAborted } from '../failures.ts';
import { departed } from '../scrub/presence.ts';
import { doubtedFrom } from '../scrub/records.ts';
import type { Upkeep } from '../scrub/upkeep.ts';

type Vault = Handlers<typeof vaultContract>;
type Part = Pick<Vault, 'vault.upkeep' | 'vault.configureUpkeep' | 'vault.audit'>;

const hourMs = 60 * 60_000;
const shownEvents = 20;
/** Samples asked for between two looks whether somebody cancelled. */
const atOnce = 16;

/** What the vault does by itself: to be seen, set, and asked for now. */
export function upkeepHandlers(core: Core, upkeep: Upkeep): Part {
  return {
    async 'vault.upkeep'() {
      const { opened, records, repairs, spreader } = upkeep.parts();
      const { places } = opened.engine;
      const policy = records.settings();
      const gone = departed(places, records, policy.graceHours * hourMs);
      const known = new Map(records.places().map((record) => [record.place, record]));
      const checked = opened.catalogue.one<{ at: number | null; never: number; packs: number }>(
        `SELECT min(verified) AS at, count(*) - count(verified) AS never, count(*) AS packs FROM packs
         WHERE state = 'stored' AND kind = 0`,
      );
      const { asked: sampled, checked: read, rotten, missing, remade, moved } = records.counts();
      const { packs, stuck } = repairs.waiting();
      return {
        state: upkeep.state(),
        policy,
        oldestAt: checked && checked.never === 0 ? checked.at : null,
        neverChecked: checked?.never ?? 0,
        packs: checked?.packs ?? 0,
        repairing: packs,
        stuck,
        spreading: spreader.active(),
        counts: { checked: read, rotten, missing, remade, moved, sampled },
        places: places.all().flatMap(({ row }) => {
          const record = known.get(row.id);
          if (!record) return [];
          const { started: startedAt, finished: finishedAt, done, total, audited, asked, found, away } = record;
          return {
            place: row.id as PlaceId,
            pass: { startedAt, finishedAt, done: Math.min(done, total), total },
            audit: audited === null ? null : { at: audited, asked, lost: found ?? 0 },
            away: places.readable(row.id) ? 0 : away,
            departed: gone.has(row.id),
            doubted: record.faults >= doubtedFrom,
          };
        }),
        events: records.events(shownEvents).map(({ at, kind, place, count }) => ({
          ...{ at, kind, count },
          ...(places.get(place) ? { place: place as PlaceId } : {}),
        })),
      };
    },

    async 'vault.configureUpkeep'(input, context) {
      const { records } = upkeep.parts();
      core.root();
      const before = records.settings();
      const given = Object.entries(input).filter(([, value]) => value !== undefined);
      records.setSettings({ ...before, ...Object.fromEntries(given) });
      context.undo('vault.configureUpkeep', { ...before });
      core.changed([], false);
      return records.settings();
    },

    async 'vault.audit'(input, context) {
      const { opened, records, auditor } = upkeep.parts();
      const { places } = opened.engine;
      if (input.place !== undefined && !places.get(input.place)) throw notFound('The place');
      await places.refreshAsked();
      const chosen = places
        .all()
        .filter(({ row }) => places.readable(row.id) && (input.place === undefined || row.id === input.place));
      context.step('sample', 'Asking for blocks chosen by chance', {
        total: chosen.length * input.samples,
        unit: 'items',
        pausable: true,
      });
      const result: { place: PlaceId; asked: number; lost: number; unanswered: number }[] = [];
      await core.whileWorking(() =>
        upkeep.alone(async () => {
          for (const [i, place] of chosen.entries()) {
            const { id } = place.row;
            await auditor.plan(id, input.samples);
            let before = Number.POSITIVE_INFINITY;
            while (auditor.left(id) > 0 && auditor.left(id) < before) {
              await context.rest();
              throwIfAborted(context.signal);
              before = auditor.left(id);
              await auditor.audit(place, atOnce, () => context.signal.aborted);
              context.progress(i * input.samples + records.place(id, core.deps.host.now()).asked);
            }
            const { asked, failed } = records.place(id, core.deps.host.now());
            result.push({ place: id as PlaceId, asked, lost: failed, unanswered: auditor.left(id) });
          }
        }),
      );
      opened.engine.health.touch();
      core.changed([]);
      return {
        places: result,
        asked: result.reduce((sum, { asked }) => sum + asked, 0),
        lost: result.reduce((sum, { lost }) => sum + lost, 0),
      };
    },
  };
}
