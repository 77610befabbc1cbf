import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { cx } from './cx.ts';
import { tabLine, tabLook, tabRow } from './tab-look.ts';

/** The sides of a room: pages of their own that look like its tabs. */
export function RoomNav({
  label,
  sides,
  here,
  className = 'mb-5',
}: {
  label: string;
  sides: readonly { readonly to: string; readonly label: string }[];
  /** The address of the one that is shown. */
  here: string;
  className?: string;
}) {
  const row = useRef<HTMLDivElement>(null);
  // In a narrow window the row is longer than the page: what is open must be seen in it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another side is another place in the row
  useEffect(() => {
    row.current?.querySelector('[data-here=true]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here]);
  return (
    <nav aria-label={label} className={cx(tabLine, className)}>
      <div ref={row} className={tabRow}>
        {sides.map((side) => (
          <Link
            key={side.to}
            to={side.to}
            // Otherwise the router calls the first side current in all the others, too.
            activeOptions={{ exact: true }}
            aria-current={side.to === here ? 'page' : undefined}
            data-here={side.to === here}
            className={tabLook}
          >
            {side.label}
          </Link>
        ))}
      </div>
    </nav>
  );
}
