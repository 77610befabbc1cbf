import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useUi } from '../../state/ui.ts';
import { railPages } from '../pages.ts';

/** Keys that work everywhere: the palette, and Alt with a digit for the rooms. Typing is never taken from a field. */
export function useShortcuts(): void {
  const navigate = useNavigate();
  const setPaletteOpen = useUi((s) => s.setPaletteOpen);
  const setTasksOpen = useUi((s) => s.setTasksOpen);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const mod = event.ctrlKey || event.metaKey;
      if (mod && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPaletteOpen(!useUi.getState().paletteOpen);
      } else if (mod && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'j') {
        event.preventDefault();
        setTasksOpen(!useUi.getState().tasksOpen);
      } else if (event.altKey && !mod && /^Digit[1-9]$/.test(event.code)) {
        const page = railPages[Number(event.code.slice(5)) - 1];
        if (!page) return;
        event.preventDefault();
        void navigate({ to: page.path });
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [navigate, setPaletteOpen, setTasksOpen]);
}
