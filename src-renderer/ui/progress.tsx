/** A bar with a number; `share` null means that the end is not known, which is shown still, not as a runaround. */
export function ProgressBar({ share, label }: { share: number | null; label: string }) {
  const percent = share === null ? null : Math.round(Math.min(1, Math.max(0, share)) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': percent })}
      className="h-1 w-full overflow-hidden rounded-full bg-line"
    >
      {percent === null ? (
        <div className="h-full w-full bg-[repeating-linear-gradient(90deg,var(--accent)_0_8px,transparent_8px_16px)] opacity-60" />
      ) : (
        <div
          className="h-full rounded-full bg-accent transition-[width] duration-150"
          style={{ width: `${percent}%` }}
        />
      )}
    </div>
  );
}
