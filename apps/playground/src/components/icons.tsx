import type { ReactNode } from 'react';

/** A drawing beside which, or in whose place, there are words: assistive technology passes it over. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.8" aria-hidden="true">
      {children}
    </svg>
  );
}

/** A die that shows five. */
export function DiceIcon() {
  const pips = [8, 16].flatMap((x) => [8, 16].map((y) => [x, y] as const));
  return (
    <Icon>
      <rect x="3.5" y="3.5" width="17" height="17" rx="3.5" />
      {[...pips, [12, 12] as const].map(([x, y]) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r="1.3" fill="currentColor" stroke="none" />
      ))}
    </Icon>
  );
}

/** A padlock, shut or open. */
export function LockIcon({ isShut }: { isShut: boolean }) {
  return (
    <Icon>
      <rect x="5" y="10.5" width="14" height="10" rx="2" fill={isShut ? 'currentColor' : 'none'} />
      <path d={isShut ? 'M8 10.5V7.5a4 4 0 0 1 8 0v3' : 'M8 10.5V7a4 4 0 0 1 7.6-1.8'} />
    </Icon>
  );
}
