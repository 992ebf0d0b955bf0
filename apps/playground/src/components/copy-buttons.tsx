import { useState } from 'react';
import { asCode, asCurl } from '../state/code-samples.js';
import { type Settings, toFragment } from '../state/settings.js';

/** Takes the settings elsewhere: to a shell, a program, or another person. */
export function CopyButtons({ settings }: { settings: Settings }) {
  const [copied, setCopied] = useState<string>();
  const { origin, href } = window.location;
  const texts = {
    'Copy as curl': () => asCurl(settings, origin),
    'Copy as code': () => asCode(settings, origin),
    'Copy link': () => `${href.split('#')[0]}#${toFragment(settings)}`,
  };
  return (
    <div className="copy">
      {Object.entries(texts).map(([name, text]) => (
        <button
          key={name}
          type="button"
          className="quiet"
          disabled={settings.prompt.trim() === ''}
          onClick={() => void navigator.clipboard.writeText(text()).then(() => setCopied(name))}
        >
          {name}
        </button>
      ))}
      <span role="status">{copied && `${copied.replace('Copy', 'Copied')}.`}</span>
    </div>
  );
}
