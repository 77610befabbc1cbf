import { hostOf, type PlaceAddress, whereWords } from '#shared/contract/vault.ts';
import { deviceWords } from './directory/inspect.ts';

/** What fails together with a place, and its name. */
export interface Device {
  readonly device: string;
  readonly deviceName: string;
}

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|0:0:0:0:0:0:0:1)$/;

/**
 * Of a directory the file system it lies on; of a server the computer that it is, for what else it stands on is not known. A
 * server on this computer counts as its disk: it may be on another, or the end of a tunnel, but that cannot be seen.
 *
 * @param seen the file system of a directory, as inspected
 */
export function deviceOf(address: PlaceAddress, seen: string, homeDevice: string): Device {
  if (address.kind === 'friend') return { device: friendDevice(address.hostKey), deviceName: whereWords(address) };
  const host = hostOf(address);
  if (host === null) return { device: seen, deviceName: deviceWords(seen, whereOf(address), homeDevice) };
  if (loopback.test(host)) return { device: homeDevice, deviceName: 'This computer' };
  return { device: `host:${host}`, deviceName: host };
}

/** All that one computer of a contact keeps fails together. */
export const friendDevice = (hostKey: string): string => `friend:${hostKey}`;

const whereOf = (address: PlaceAddress): string => (address.kind === 'directory' ? address.path : '');
