import type { BigIntStats } from 'node:fs';

/**
 * Other whenever the file may have been written to. The time of the last change of its state cannot be set back, so it tells also of
 * those who set the other one back; on Windows reading may move it, and it says nothing there.
 */
export const printOf = (info: BigIntStats, platform: NodeJS.Platform = process.platform): string =>
  `${markOf(info)}${platform === 'win32' ? '' : `:${info.ctimeNs}`}`;

/** Stays when a file or folder is renamed. */
export const markOf = (info: BigIntStats): string =>
  info.isDirectory() ? `d${info.ino}` : `f${info.ino}:${info.size}:${info.mtimeNs}`;
