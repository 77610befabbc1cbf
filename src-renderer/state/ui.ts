import { create } from 'zustand';

interface UiState {
  railCollapsed: boolean;
  paletteOpen: boolean;
  tasksOpen: boolean;
  /** A dialog asked for by the palette or a link, by the name of the method it performs; the page that owns it opens it. */
  wanted: string | null;
  setRailCollapsed(collapsed: boolean): void;
  setPaletteOpen(open: boolean): void;
  setTasksOpen(open: boolean): void;
  want(method: string | null): void;
}

const railKey = 'hypha.rail';

function remembered(): boolean {
  try {
    return localStorage.getItem(railKey) === 'collapsed';
  } catch {
    return false;
  }
}

/** What the window is doing, and nothing of the agent: gone with a reload, but for the rail's width. */
export const useUi = create<UiState>((set) => ({
  railCollapsed: remembered(),
  paletteOpen: false,
  tasksOpen: false,
  wanted: null,
  setRailCollapsed: (railCollapsed) => {
    try {
      localStorage.setItem(railKey, railCollapsed ? 'collapsed' : 'open');
    } catch {
      // Storage may be barred; the rail is then as wide as ever after a reload.
    }
    set({ railCollapsed });
  },
  setPaletteOpen: (paletteOpen) => set({ paletteOpen }),
  setTasksOpen: (tasksOpen) => set({ tasksOpen }),
  want: (wanted) => set({ wanted }),
}));
