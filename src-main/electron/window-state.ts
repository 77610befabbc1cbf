import { z } from 'zod';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const whole = z.number().int().min(-100_000).max(100_000);
const stateSchema = z.object({ x: whole, y: whole, width: whole, height: whole, maximized: z.boolean() });
export type WindowState = z.infer<typeof stateSchema>;

/** Sizes in device-independent pixels. Below the least size the frame's two columns no longer fit. */
export const leastSize = { width: 720, height: 520 } as const;
const usualSize = { width: 1200, height: 800 } as const;
/** So much of the title bar must lie on a screen that the window can be taken by it. */
const graspable = { width: 120, height: 32 } as const;

/** What a window's kept state file says; null for anything else. */
export function readWindowState(text: string): WindowState | null {
  try {
    const parsed = stateSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * Where to open the window: as it was left, if that place still exists; otherwise in the middle of the first screen.
 * Screens may have been unplugged, turned or scaled since. `screens` are the work areas, the primary one first.
 */
export function placeWindow(kept: WindowState | null, screens: readonly Rectangle[]): WindowState {
  const primary = screens[0] ?? { x: 0, y: 0, ...usualSize };
  if (kept === null) return { ...centred(usualSize, primary), maximized: false };
  const home = screens.find((screen) => isGraspable(kept, screen));
  if (home === undefined) return { ...centred(kept, primary), maximized: kept.maximized };
  const size = fitTo(kept, home);
  return {
    x: clamp(kept.x, home.x, home.x + home.width - size.width),
    y: clamp(kept.y, home.y, home.y + home.height - size.height),
    ...size,
    maximized: kept.maximized,
  };
}

function isGraspable(window: Rectangle, screen: Rectangle): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  const down = Math.min(window.y + graspable.height, screen.y + screen.height) - Math.max(window.y, screen.y);
  return across >= graspable.width && down >= graspable.height;
}

function centred(size: { width: number; height: number }, screen: Rectangle): Rectangle {
  const { width, height } = fitTo(size, screen);
  return {
    x: screen.x + Math.round((screen.width - width) / 2),
    y: screen.y + Math.round((screen.height - height) / 2),
    width,
    height,
  };
}

/** Never larger than the screen; never smaller than the least size, unless the screen itself is. */
function fitTo(size: { width: number; height: number }, screen: Rectangle): { width: number; height: number } {
  return {
    width: Math.min(Math.max(size.width, leastSize.width), screen.width),
    height: Math.min(Math.max(size.height, leastSize.height), screen.height),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
