import { type IpcMainEvent, ipcMain, MessageChannelMain } from 'electron';
import { portMessageKind } from '#shared/contract/hand-over.ts';
import type { AgentLink } from './agent-link.ts';
import { isTrustedSender } from './sender.ts';

/** A page needs one port, and a new one each time the agent comes back; more often than this is no page of ours. */
const mostPorts = 8;
const withinMs = 10_000;

/**
 * The one IPC channel of the app: the page asks for a port to the agent, and gets one if it is our page in the top
 * frame of our window.
 */
export function handOverPorts(agent: () => AgentLink | null, now: () => number = Date.now): void {
  const handed = new Map<number, number[]>();
  ipcMain.on('hypha:request-port', (event: IpcMainEvent) => {
    const frame = event.senderFrame;
    if (frame === null || !isTrustedSender({ url: frame.url, isTop: frame.parent === null })) return;
    const recent = (handed.get(event.sender.id) ?? []).filter((at) => now() - at < withinMs);
    const link = agent();
    if (link === null || recent.length >= mostPorts) return;
    if (!handed.has(event.sender.id)) event.sender.once('destroyed', () => handed.delete(event.sender.id));
    handed.set(event.sender.id, [...recent, now()]);
    const { port1, port2 } = new MessageChannelMain();
    link.connectWindow(port1);
    frame.postMessage(portMessageKind, null, [port2]);
  });
}
