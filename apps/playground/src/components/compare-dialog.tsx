import { useEffect, useRef } from 'react';
import type { KeptPicture } from '../state/gallery.js';
import { requestOf } from '../state/settings.js';
import { useObjectUrl } from '../state/use-object-url.js';

interface Props {
  readonly pictures: readonly [KeptPicture, KeptPicture];
  readonly onClose: () => void;
}

/** Two pictures side by side, and in what their settings differ. */
export function CompareDialog({ pictures, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const differing = differences(pictures);
  return (
    <dialog ref={dialog} className="compare" onClose={onClose} aria-labelledby="compare-title">
      <h2 id="compare-title">Side by side</h2>
      <div className="sides">
        {pictures.map((picture) => (
          <Side key={picture.id} picture={picture} />
        ))}
      </div>
      {differing.length === 0 ? (
        <p>They have the same settings.</p>
      ) : (
        <table>
          <caption>What differs</caption>
          <thead>
            <tr>
              <th scope="col">Setting</th>
              <th scope="col">Left</th>
              <th scope="col">Right</th>
            </tr>
          </thead>
          <tbody>
            {differing.map(([name, left, right]) => (
              <tr key={name}>
                <th scope="row">{name.replaceAll('_', ' ')}</th>
                <td>{left}</td>
                <td>{right}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}

function Side({ picture }: { picture: KeptPicture }) {
  const url = useObjectUrl(picture.blob);
  return (
    <figure>
      {url && <img src={url} alt={picture.settings.prompt} />}
      <figcaption>Seed {picture.settings.seed}</figcaption>
    </figure>
  );
}

/** Lists the settings in which two pictures differ, with both values; what was left to the model is said so. */
export function differences([left, right]: Props['pictures']): [name: string, left: string, right: string][] {
  const [a, b] = [left, right].map(({ settings, model }) => ({ ...requestOf(settings), model }) as Record<string, unknown>);
  const names = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])];
  const word = (value: unknown) => (value === undefined ? 'the model’s own' : String(value));
  return names.filter((name) => a?.[name] !== b?.[name]).map((name) => [name, word(a?.[name]), word(b?.[name])]);
}
