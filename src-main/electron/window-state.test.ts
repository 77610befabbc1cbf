import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeWindow, readWindowState } from './window-state.ts';

const screen = { x: 0, y: 0, width: 1920, height: 1040 };
const right = { x: 1920, y: -200, width: 1280, height: 1024 };
const state = (x: number, y: number, width = 1000, height = 700) => ({ x, y, width, height, maximized: false });

describe('where the window opens', () => {
  it('opens in the middle the first time, and as it was left later', () => {
    expect(placeWindow(null, [screen])).toEqual({ x: 360, y: 120, width: 1200, height: 800, maximized: false });
    expect(placeWindow(state(100, 50), [screen])).toEqual(state(100, 50));
    expect(placeWindow(state(2000, 0), [screen, right])).toEqual(state(2000, 0));
  });

  it('comes back from a screen that is gone, and is never larger than the screen', () => {
    expect(placeWindow(state(2000, 0), [screen])).toEqual(state(460, 170));
    expect(placeWindow({ ...state(0, 0, 5000, 5000), maximized: true }, [screen])).toEqual({
      ...screen,
      maximized: true,
    });
  });

  it('can always be taken by its title bar', () => {
    const rectangle = fc.record({
      x: fc.integer({ min: -5000, max: 5000 }),
      y: fc.integer({ min: -5000, max: 5000 }),
      width: fc.integer({ min: 200, max: 4000 }),
      height: fc.integer({ min: 200, max: 4000 }),
    });
    const kept = fc.option(
      fc.record({
        x: fc.integer(),
        y: fc.integer(),
        width: fc.integer(),
        height: fc.integer(),
        maximized: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(kept, fc.array(rectangle, { minLength: 1, maxLength: 4 }), (before, screens) => {
        const w = placeWindow(before, screens);
        expect(
          screens.some(
            (s) => w.x >= s.x && w.y >= s.y && w.x + w.width <= s.x + s.width && w.y + w.height <= s.y + s.height,
          ),
        ).toBe(true);
      }),
    );
  });

  it('reads any text as a state or null', () => {
    expect(readWindowState(JSON.stringify(state(1, 2)))).toEqual(state(1, 2));
    for (const bad of ['', '{', 'null', '[]', '{"x":1}', '{"x":1e99,"y":0,"width":1,"height":1,"maximized":false}']) {
      expect(readWindowState(bad)).toBeNull();
    }
    fc.assert(fc.property(fc.json(), (text) => void readWindowState(text)));
  });
});
