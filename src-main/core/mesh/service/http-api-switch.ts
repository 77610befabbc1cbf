import { equalBytes } from '#core/crypto/equal.ts';
import type { Logger } from '#core/host.ts';
import { type HttpApi as HttpApiView, topicSchema } from '#shared/contract/mesh/index.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { createHttpApi, type HttpApi, type MessagePort, type NodeView } from '../http-api/index.ts';
import type { Self } from './post.ts';
import type { MeshStore, StoredHttpApi } from './store.ts';
import { createTurns } from './turns.ts';

/** The HTTP API for other programs, on or off as the person said. */
export interface HttpApiSwitch {
  /** Open it, where it is to be open; to be called again when the node has become another. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @throws Fail PORT_IN_USE; what was set before goes on then */
  set(wanted: StoredHttpApi): Promise<void>;
  stored(): StoredHttpApi;
  view(): HttpApiView;
}

export interface HttpApiSwitchDeps {
  readonly store: MeshStore;
  readonly log: Logger;
  readonly node: NodeView;
  readonly mailbox: MessagePort;
  /** Who the node is; null before an identity exists. */
  readonly self: () => Self | null;
}

const off: StoredHttpApi = { on: false, topics: [], port: 8989 };

export function createHttpApiSwitch({ store, log, node, mailbox, self }: HttpApiSwitchDeps): HttpApiSwitch {
  let stopped = false;
  let running: { readonly api: HttpApi; readonly port: number; readonly self: Self } | null = null;
  let detail = '';
  const inTurn = createTurns();
  const stored = (): StoredHttpApi => {
    const api = store.httpApi() ?? off;
    // An earlier release let topics of Hypha's own be allowed.
    return { ...api, topics: api.topics.filter((topic) => topicSchema.safeParse(topic).success) };
  };

  const open = async ({ topics, port }: StoredHttpApi): Promise<void> => {
    const who = self();
    if (who === null) return;
    const allowed = topics.map((topic) => new TextEncoder().encode(topic));
    const api = createHttpApi({ node, log, mailbox, publicKey: who.publicKey, topics: () => allowed });
    running = { api, port: await api.start(port), self: who };
  };
  const close = async (): Promise<void> => {
    const was = running;
    running = null;
    await was?.api.stop();
  };

  return {
    start: () =>
      inTurn(async () => {
        if (stopped) return;
        const wanted = stored();
        const who = self();
        if (running !== null && who !== null && equalBytes(who.publicKey, running.self.publicKey)) return;
        await close();
        if (!wanted.on) return;
        try {
          await open(wanted);
          detail = '';
        } catch (error) {
          detail = isFail(error) ? error.message : 'It could not be opened.';
          log.warn({ error }, 'the HTTP interface of the mesh did not start');
        }
      }),
    stop() {
      stopped = true;
      return inTurn(close);
    },
    set: (wanted) =>
      inTurn(async () => {
        const before = stored();
        await close();
        try {
          if (wanted.on) await open(wanted);
          store.putHttpApi(wanted);
        } catch (error) {
          // What cannot be kept is not open either; what was taken away stays away.
          if (wanted.on) await close();
          if (wanted.on && before.on) await open(before).catch(() => {});
          throw error;
        }
        detail = '';
      }),
    stored,
    view() {
      const { on, topics, port } = stored();
      return { on, topics: [...topics], port: running?.port ?? (on ? port : null), detail: on ? detail : '' };
    },
  };
}
