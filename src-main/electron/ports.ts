import { type IpcMainEvent, ipcMain, MessageChannelMain } from 'electron';
import { portMessageKind } from '#shared/contract/hand-over.ts';
import type { AgentLink } from './agent-link.ts';
import { isTrustedSender } from './sender.ts';

/** Ports one page may hold at once: it needs one, and a new one after the core was started again. */
const mostPorts = 8;

/**
 * The one IPC channel of the app: the page asks for a port to the agent, and gets one if it is our page in the top
 * frame of our window.
 */
export function handOverPorts(agent: () => AgentLink | null): void {
  const held = new Map<number, number>();
  ipcMain.on('hypha:request-port', (event: IpcMainEvent) => {
    const frame = event.senderFrame;
    if (frame === null || !isTrustedSender({ url: frame.url, isTop: frame.parent === null })) return;
    const link = agent();
    const count = held.get(event.sender.id) ?? 0;
    if (link === null || count >= mostPorts) return;
    held.set(event.sender.id, count + 1);
    event.sender.once('destroyed', () => held.delete(event.sender.id));
    const { port1, port2 } = new MessageChannelMain();
    // The agent's end is gone from here once it is handed over, so the page's own navigation frees the count.
    event.sender.once('did-navigate', () => held.delete(event.sender.id));
    link.connectWindow(port1);
    frame.postMessage(portMessageKind, null, [port2]);
  });
}
