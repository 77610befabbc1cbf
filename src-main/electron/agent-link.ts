import type { MessagePortMain } from 'electron';
import type { LocalConnection } from '../local/local-client.ts';

export type CoreState = 'restarting' | 'running' | 'failed';

/** The agent as the shell sees it, whether it is our own child or one that already ran. */
export interface AgentLink {
  readonly kind: 'own' | 'attached';
  /** Give the agent one end of a new channel that stands for the window; the other end goes to the page. */
  connectWindow(port: MessagePortMain): void;
  /** Main's own connection, for media, tray and notifications. Rejects while the agent is away. */
  connection(): Promise<LocalConnection>;
  /** Flush and end what is ours; an attached agent is left running. */
  stop(): Promise<void>;
}
