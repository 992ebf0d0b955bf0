import { useId } from 'react';
import { DiceIcon, LockIcon } from './icons.js';

interface Props {
  readonly seed: number;
  readonly isKept: boolean;
  readonly onChange: (seed: number) => void;
  readonly onKeep: (isKept: boolean) => void;
  readonly onRoll: () => void;
}

const largest = 2 ** 32 - 1;

/** The seed, with a dice for another one and a lock that keeps it from picture to picture. */
export function SeedField({ seed, isKept, onChange, onKeep, onRoll }: Props) {
  const id = useId();
  return (
    <div className="seed">
      <label htmlFor={id}>Seed</label>
      <input
        id={id}
        type="number"
        min={0}
        max={largest}
        step={1}
        value={seed}
        onChange={({ target }) => onChange(Math.min(largest, Math.max(0, Math.trunc(Number(target.value)))))}
      />
      <button type="button" className="icon" onClick={onRoll} aria-label="Draw another seed" title="Draw another seed">
        <DiceIcon />
      </button>
      <button
        type="button"
        className="icon"
        aria-pressed={isKept}
        onClick={() => onKeep(!isKept)}
        aria-label="Keep this seed"
        title={isKept ? 'The seed stays for the next picture' : 'Each picture draws another seed'}
      >
        <LockIcon isShut={isKept} />
      </button>
    </div>
  );
}
