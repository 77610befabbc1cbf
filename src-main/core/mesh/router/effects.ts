import type { ControlMessage } from '../wire/control.ts';
import type { Prefix } from '../wire/prefix.ts';
import type { RouterId } from '../wire/router-id.ts';

/** A link to a neighbour, from its beginning to its end; given by the caller and never used again for another link. */
export type PeerId = number;

/** What forwarding does with packets to a prefix. Without an entry the prefix is unknown: ask for it with `need`. */
export type Forwarding =
  | { readonly state: 'route'; readonly peer: PeerId; readonly routerId: RouterId }
  /** Asked for; packets wait. */
  | { readonly state: 'queried' }
  /** Known, but not reachable now: transit is answered with "no route". */
  | { readonly state: 'unreachable' }
  /** No entry any more: waiting packets are answered with "no route". */
  | { readonly state: 'unknown' };

/** What the router wants done, in order. */
export type Effect =
  | { readonly type: 'send'; readonly to: readonly PeerId[]; readonly message: ControlMessage }
  | { readonly type: 'forward'; readonly prefix: Prefix; readonly forwarding: Forwarding }
  /** The neighbour fell silent: close the link, then say `peerDown`. */
  | { readonly type: 'dead'; readonly peer: PeerId };
