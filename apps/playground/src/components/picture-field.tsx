import { type ChangeEvent, useId, useState } from 'react';
import type { SourcePicture } from '../state/settings.js';
import { openPicture } from '../state/source-picture.js';
import { Choice, Slider } from './fields.js';
import { MaskCanvas, type Uncovered } from './mask-canvas.js';

interface Props {
  readonly picture: SourcePicture | null;
  readonly onChange: (picture: SourcePicture | null) => void;
}

const parts: Readonly<Record<Exclude<Uncovered, 'painted'>, string>> = {
  all: 'All of it',
  top: 'The upper half',
  bottom: 'The lower half',
  left: 'The left half',
  right: 'The right half',
  middle: 'The middle',
};

/** What the gateway takes when nothing is said. */
const usualStrength = 0.8;

/** A picture to start from, and what of it is drawn anew. */
export function PictureField({ picture, onChange }: Props) {
  const id = useId();
  const [problem, setProblem] = useState<string>();
  const choose = ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    if (file === undefined) return;
    openPicture(file).then(
      (opened) => {
        setProblem(undefined);
        onChange(opened);
      },
      (error: Error) => setProblem(error.message),
    );
    target.value = '';
  };
  if (picture !== null) return <ChosenPicture key={keyOf(picture)} picture={picture} onChange={onChange} />;
  return (
    <div className="field">
      <label htmlFor={id} className="file">
        Start from a picture
        <span className="hint"> (optional)</span>
      </label>
      <input id={id} type="file" accept="image/png,image/jpeg,image/webp" onChange={choose} />
      {problem && <p role="alert">{problem}</p>}
    </div>
  );
}

function ChosenPicture({ picture, onChange }: Props & { readonly picture: SourcePicture }) {
  const [uncovered, setUncovered] = useState<Uncovered>(picture.mask === null ? 'all' : 'painted');
  return (
    <fieldset className="chosen">
      <legend>Start from this picture</legend>
      <MaskCanvas
        picture={picture}
        uncovered={uncovered}
        onUncover={setUncovered}
        onMask={(mask) => onChange({ ...picture, mask })}
      />
      <p className="hint">Paint on it to draw only that anew.</p>
      <Choice
        label="Draw anew"
        value={uncovered}
        choices={uncovered === 'painted' ? { ...parts, painted: 'What is painted over' } : parts}
        onChange={(part) => setUncovered(part as Uncovered)}
      />
      <Slider
        label="Freedom"
        value={picture.strength ?? (picture.mask === null ? usualStrength : 1)}
        range={[0.05, 1, 0.05]}
        hint="Little stays near the picture, much follows the words."
        onChange={(strength) => onChange({ ...picture, strength })}
      />
      <button type="button" className="quiet" onClick={() => onChange(null)}>
        Start from nothing instead
      </button>
    </fieldset>
  );
}

/** Another picture begins anew, while a new mask or strength of the same one does not. */
const keys = new WeakMap<Blob, string>();
function keyOf({ image }: SourcePicture): string {
  const key = keys.get(image) ?? crypto.randomUUID();
  keys.set(image, key);
  return key;
}
