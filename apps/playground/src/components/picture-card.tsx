import type { KeptPicture } from '../state/gallery.js';
import { useObjectUrl } from '../state/use-object-url.js';

interface Props {
  readonly picture: KeptPicture;
  readonly isCompared: boolean;
  readonly onCompare: (isCompared: boolean) => void;
  readonly onReuse: () => void;
  readonly onStartFrom: () => void;
  readonly onForget: () => void;
}

/** A kept picture with what can be done with it. */
export function PictureCard({ picture, isCompared, onCompare, onReuse, onStartFrom, onForget }: Props) {
  const url = useObjectUrl(picture.blob);
  const { settings, width, height, id } = picture;
  return (
    <article className="card picture">
      {url && <img src={url} alt={settings.prompt} width={width} height={height} />}
      <p className="caption">“{settings.prompt}”</p>
      {picture.isBlurred && <p>It is blurred until a reviewer has looked at it. Make it again later to see it.</p>}
      <p className="hint">
        Seed {settings.seed} · {picture.model}
      </p>
      <div className="actions">
        <a className="button" href={url} download={`darkroom-${id}.${picture.blob.type.split('/')[1] ?? 'png'}`}>
          Save
        </a>
        <button type="button" onClick={onReuse}>
          Use these settings
        </button>
        <button type="button" onClick={onStartFrom}>
          Start from it
        </button>
        <label className="check">
          <input type="checkbox" checked={isCompared} onChange={({ target }) => onCompare(target.checked)} />
          Compare
        </label>
        <button type="button" className="quiet" onClick={onForget} aria-label={`Delete “${settings.prompt}”`}>
          Delete
        </button>
      </div>
    </article>
  );
}
