import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

const SHOWN_MS = 6_000;

const Notify = createContext<(text: string) => void>(() => undefined);

/** Says that something was done: seen for some seconds, and read out. */
export const useNotify = () => useContext(Notify);

/** Where notices appear. */
export function Notices({ children }: { children: ReactNode }) {
  const [text, setText] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const notify = useCallback((next: string) => {
    clearTimeout(timer.current);
    setText(next);
    timer.current = setTimeout(() => setText(''), SHOWN_MS);
  }, []);
  return (
    <Notify value={notify}>
      {children}
      <div role="status" className="notice">
        {text}
      </div>
    </Notify>
  );
}
