import { type ReactNode, useEffect, useRef } from 'react';
import { useT } from '../../lib/i18n.ts';
import { HyphaDrawing } from '../../ui/hypha-drawing.tsx';

export interface StepFrameProps {
  title: string;
  text?: ReactNode;
  /** "Step 2 of 4"; left out on screens that stand alone. */
  at?: { at: number; of: number };
  children: ReactNode;
  /** Main button first, then the ways out, as the eye and the Tab key go. */
  actions: ReactNode;
  onSubmit?: () => void;
  wide?: boolean;
}

/** A screen without the frame: first run, lock, and what must be settled before anything else. */
export function StepFrame({ title, text, at, children, actions, onSubmit, wide }: StepFrameProps) {
  const t = useT();
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that led here is gone: the keyboard and screen readers go on from the title, unless a field takes them.
  useEffect(() => {
    if (document.activeElement === null || document.activeElement === document.body) heading.current?.focus();
  }, []);
  return (
    <main className="flex h-full overflow-y-auto px-4 py-8">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
        className={`appear m-auto flex w-full flex-col ${wide ? 'max-w-[680px]' : 'max-w-[440px]'}`}
      >
        <HyphaDrawing className="mb-6 w-24 text-accent [@media(max-height:640px)]:hidden" />
        {at && at.of > 1 && (
          <p className="mb-1 text-sm text-ink-soft">{t('onboarding.step', { at: at.at, of: at.of })}</p>
        )}
        <h1 ref={heading} tabIndex={-1} className="text-2xl font-semibold outline-none focus-visible:outline-none">
          {title}
        </h1>
        {text && <div className="mt-2 text-base text-ink-soft">{text}</div>}
        <div className="mt-6 flex flex-col gap-5">{children}</div>
        <div className="mt-8 flex flex-wrap items-center gap-2">{actions}</div>
      </form>
    </main>
  );
}
