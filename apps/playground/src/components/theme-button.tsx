import { useEffect } from 'react';
import { useStored } from '../state/use-stored.js';

const next: Readonly<Record<string, string | undefined>> = { auto: 'light', light: 'dark', dark: undefined };

/** Switches between the system's colours, light and dark. */
export function ThemeButton() {
  const [theme, setTheme] = useStored('darkroom-theme');
  useEffect(() => {
    if (theme === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
  return (
    <button type="button" className="quiet" onClick={() => setTheme(next[theme ?? 'auto'])}>
      Colours: {theme ?? 'automatic'}
    </button>
  );
}
