import { useLayoutEffect, useState } from 'react';

const STORED = 'darkroom-theme';
const next: Readonly<Record<string, string>> = { automatic: 'light', light: 'dark', dark: 'automatic' };
const drawings: Readonly<Record<string, string>> = {
  automatic: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  light: 'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M5 19l2-2',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5',
};

/** Switches between the system's colours, light and dark. */
export function ThemeButton() {
  const [theme, setTheme] = useState(() => localStorage.getItem(STORED) ?? 'automatic');
  useLayoutEffect(() => {
    localStorage.setItem(STORED, theme);
    if (theme === 'automatic') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  const label = `Colours: ${theme}`;
  return (
    <button
      type="button"
      className="quiet icon"
      title={label}
      aria-label={label}
      onClick={() => setTheme(next[theme] ?? 'automatic')}
    >
      <Drawing path={drawings[theme] ?? ''} />
    </button>
  );
}

/** A small line drawing, 24 by 24, beside or in place of words: assistive technology passes it over. */
export function Drawing({ path }: { path: string }) {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" className="drawing" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
