/** The one drawing there is: a thread that forks. Lines only, in the ink of its surroundings. */
export function HyphaDrawing({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 120 72"
      aria-hidden
      className={className}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.25"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d="M60 70c0-14-1-20-4-28-4-10-14-12-20-18-4-4-6-9-7-16" />
      <path d="M57 46c6-8 8-16 7-26-.4-5-2-9-4-14" />
      <path d="M61 40c6-6 14-6 20-11 5-4 8-9 9-17" />
      <path d="M37 25c-7 1-13 0-20-5" />
      <path d="M30 12c-3-1-6-4-8-8" />
      <path d="M82 28c7 0 13-1 20-6" />
      <path d="M64 22c3-3 6-5 8-10" />
      <path d="M59 62c-8 2-16 2-26 8M60 60c8 3 18 2 28 9" opacity=".55" />
      <circle cx="29" cy="7" r="1.8" />
      <circle cx="60" cy="5" r="1.8" />
      <circle cx="90" cy="11" r="1.8" />
      <circle cx="16" cy="19" r="1.8" />
      <circle cx="103" cy="21" r="1.8" />
    </svg>
  );
}
