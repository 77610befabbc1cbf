import { useEffect, useState } from 'react';
import { useT } from '../lib/i18n.ts';
import { cx } from './cx.ts';

/** Stands where something will be, in its size, so that nothing jumps. Invisible for 200 ms: most answers are faster. */
export function Skeleton({ className }: { className: string }) {
  const t = useT();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <span
      role="status"
      aria-label={t('common.loading')}
      className={cx('block rounded-md', shown && 'bg-hover', className)}
    />
  );
}
