import { Notification } from 'electron';
import type { ShellNotice } from '#shared/contract/shell.ts';
import { silence } from './notify-rules.ts';

export interface Notifier {
  show(notice: ShellNotice): { shown: boolean; why: string };
  clear(subject: string): void;
}

/** Notifications of the operating system, under the rules of notify-rules.ts: one a subject, a newer one replaces it. */
export function createNotifier(options: {
  readonly facts: () => { readonly focused: boolean; readonly enabled: boolean; readonly onboarded: boolean };
  readonly open: (path: string) => void;
}): Notifier {
  const shown = new Map<string, { at: number; notification: Notification }>();
  return {
    show(notice) {
      const before = shown.get(notice.subject);
      const why = silence({ ...options.facts(), now: Date.now(), lastShown: before?.at ?? null });
      if (why !== null) return { shown: false, why };
      if (!Notification.isSupported()) return { shown: false, why: 'this desktop shows none' };
      before?.notification.close();
      const notification = new Notification({ title: notice.title, body: notice.body });
      notification.on('click', () => options.open(notice.open));
      notification.show();
      // Held here, because a notification that is collected loses its click.
      shown.set(notice.subject, { at: Date.now(), notification });
      const oldest = shown.keys().next().value;
      if (shown.size > 200 && oldest !== undefined) shown.delete(oldest);
      return { shown: true, why: '' };
    },
    clear(subject) {
      shown.get(subject)?.notification.close();
    },
  };
}
