import { type DragEvent, type ReactNode, useRef, useState } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { carriesFiles } from '../browse/drag.ts';

/** The whole page takes files; while they hover it says where they would go. */
export function DropZone({
  name,
  disabled,
  onDrop,
  children,
}: {
  /** The folder they would be stored in. */
  name: string;
  disabled: boolean;
  onDrop: (transfer: DataTransfer) => void;
  children: ReactNode;
}) {
  const t = useT();
  const [over, setOver] = useState(false);
  // Enter and leave come for every child; only their balance tells whether the pointer left the page.
  const depth = useRef(0);
  const takes = (event: DragEvent) => !disabled && carriesFiles(event.dataTransfer);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the buttons above do the same for the keyboard
    <div
      className="relative flex min-h-0 grow flex-col"
      onDragEnter={(event) => {
        if (!takes(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => takes(event) && event.preventDefault()}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      }}
      onDropCapture={() => {
        depth.current = 0;
        setOver(false);
      }}
      onDrop={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        onDrop(event.dataTransfer);
      }}
    >
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-0 z-20 flex items-end justify-center rounded-lg border-2 border-dashed border-accent p-6">
          <p className="rounded-md bg-accent px-3 py-1.5 text-sm font-medium text-accent-ink">
            {t('vault.upload.dropInto', { name })}
          </p>
        </div>
      )}
    </div>
  );
}
