import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { Toaster as SonnerToaster, toast as sonner } from 'sonner';
import { toFailure, useFailureText } from '../lib/failure.ts';
import { useT } from '../lib/i18n.ts';

interface ToastAction {
  label: string;
  onSelect: () => void;
}

function Card({
  id,
  icon,
  children,
  action,
}: {
  id: string | number;
  icon: ReactNode;
  children: ReactNode;
  action?: ToastAction | undefined;
}) {
  const t = useT();
  // A toast stays a moment while it goes: a second click must not do it again.
  const pressed = useRef<ToastAction | null>(null);
  return (
    <div className="flex w-[min(380px,calc(100vw-32px))] items-start gap-2.5 rounded-lg border border-line bg-surface-raised px-3.5 py-2.5 font-sans text-sm text-ink shadow-float">
      {icon}
      <div className="min-w-0 grow">{children}</div>
      {action && (
        <button
          type="button"
          className="-my-0.5 h-6 min-w-6 shrink-0 rounded-sm px-1 font-medium text-link hover:underline"
          onClick={() => {
            if (pressed.current === action) return;
            pressed.current = action;
            sonner.dismiss(id);
            action.onSelect();
          }}
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        aria-label={t('common.close')}
        className="-my-0.5 -me-1 flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-soft hover:text-ink"
        onClick={() => sonner.dismiss(id)}
      >
        <X aria-hidden className="size-3.5" strokeWidth={1.75} />
      </button>
    </div>
  );
}

function FailureCard({ id, error }: { id: string | number; error: unknown }) {
  const text = useFailureText()(toFailure(error));
  return (
    <Card id={id} icon={<CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />}>
      <p className="font-medium">{text.message}</p>
      {text.next && <p className="text-ink-soft">{text.next}</p>}
    </Card>
  );
}

/**
 * Short words about what was just done. An undo stays for ten seconds, a failure for twenty. A toast about a `subject`
 * takes the place of the last one about it: the theme tried five times is one line and not a pile of five.
 */
export const toast = {
  done(text: string, action?: ToastAction, subject = text): void {
    sonner.custom(
      (id) => (
        <Card id={id} action={action} icon={<CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />}>
          {text}
        </Card>
      ),
      { id: subject, duration: action ? 10_000 : 4000 },
    );
  },
  /** Take all away: what they name is nobody's business once locked. */
  clear(): void {
    sonner.dismiss();
  },
  failed(error: unknown, subject = `${toFailure(error).code} ${toFailure(error).message}`): void {
    sonner.custom((id) => <FailureCard id={id} error={error} />, { id: subject, duration: 20_000 });
  },
};

export function Toaster() {
  const t = useT();
  return (
    <SonnerToaster
      position="bottom-right"
      visibleToasts={4}
      // One above the other: in a pile those behind shrink, and their buttons below 24 px (WCAG 2.5.8).
      expand
      gap={8}
      offset={{ bottom: 44, right: 16 }}
      // Otherwise screen readers hear an English name in every language.
      containerAriaLabel={t('settings.notifications')}
    />
  );
}
