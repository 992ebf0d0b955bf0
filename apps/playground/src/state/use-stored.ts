import { useCallback, useState } from 'react';

/** A text that this browser remembers; undefined while there is none. */
export function useStored(name: string): readonly [string | undefined, (value: string | undefined) => void] {
  const [value, setValue] = useState(() => localStorage.getItem(name) ?? undefined);
  const change = useCallback(
    (next: string | undefined) => {
      if (next === undefined) localStorage.removeItem(name);
      else localStorage.setItem(name, next);
      setValue(next);
    },
    [name],
  );
  return [value, change];
}
