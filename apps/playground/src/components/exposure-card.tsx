import type { SourcePicture } from '../state/settings.js';
import type { Exposure } from '../state/use-studio.js';
import { explain, stageWords } from '../words.js';

interface Props {
  readonly exposure: Exposure;
  readonly onCancel: () => void;
  readonly onDismiss: () => void;
  readonly onRetry: () => void;
}

/** A picture that is being made, or that could not be. */
export function ExposureCard({ exposure, onCancel, onDismiss, onRetry }: Props) {
  const { settings, developing } = exposure;
  const { phase, error } = developing;
  if (phase === 'failed' && error) {
    const { title, advice } = explain(error);
    return (
      <div className="card failed" role="alert">
        <h2>{title}</h2>
        <p className="caption">“{settings.prompt}”</p>
        <p>{advice}</p>
        <div className="actions">
          <button type="button" onClick={onRetry}>
            Try again
          </button>
          <button type="button" className="quiet" onClick={onDismiss}>
            Dismiss
          </button>
        </div>
      </div>
    );
  }
  if (phase === 'cancelled') {
    return (
      <article className="card">
        <p>Cancelled: “{settings.prompt}”</p>
        <div className="actions">
          <button type="button" className="quiet" onClick={onDismiss}>
            Dismiss
          </button>
        </div>
      </article>
    );
  }
  const [width, height] = (settings.size ?? shapeOf(settings.picture)).split('x').map(Number);
  const share = developing.steps > 0 ? developing.step / developing.steps : 0;
  return (
    <article className="card developing" aria-busy="true">
      <div className="tray" style={{ aspectRatio: `${width} / ${height}` }}>
        {developing.partialUrl && (
          <img
            src={developing.partialUrl}
            alt={`How “${settings.prompt}” looks so far`}
            style={{ filter: `blur(${Math.round(8 * (1 - share))}px)` }}
          />
        )}
      </div>
      <p className="caption">“{settings.prompt}”</p>
      <div className="progress">
        <progress value={share} max={1} aria-label={`Progress of “${settings.prompt}”`} />
        <span>
          {phase === 'cancelling' ? 'Cancelling' : stageWords(phase === 'running' ? developing.stage : undefined)}
          {developing.steps > 0 && ` ${developing.step} of ${developing.steps}`}
        </span>
      </div>
      <div className="actions">
        <button
          type="button"
          className="quiet"
          onClick={onCancel}
          disabled={developing.id === undefined || phase === 'cancelling'}
        >
          Cancel
        </button>
      </div>
    </article>
  );
}

function shapeOf(picture: SourcePicture | null): string {
  return picture === null ? '1x1' : `${picture.width}x${picture.height}`;
}
