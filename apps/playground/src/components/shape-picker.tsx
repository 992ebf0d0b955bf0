import type { Model } from '@darkroom/client';
import { useId } from 'react';
import { type Shape, shapesOf } from '../state/settings.js';

interface Props {
  readonly model: Model;
  readonly size: string | null;
  /** The picture that is started from, whose own shape is one of the choices. */
  readonly picture: Shape | null;
  readonly onChange: (size: string | null) => void;
}

/** Longer side of a drawn shape, in pixels of the page. */
const drawn = 30;

/** Sizes as shapes: a person sees what a picture will look like, and not its numbers. */
export function ShapePicker({ model, size, picture, onChange }: Props) {
  const name = useId();
  const shapes = shapesOf(model).map((shape) => ({ ...shape, value: `${shape.width}x${shape.height}` as string | null }));
  const all = picture === null ? shapes : [{ ...picture, value: null }, ...shapes];
  const chosen = size ?? (picture === null ? model.size.default : null);
  return (
    <fieldset className="shapes">
      <legend>Shape</legend>
      {all.map(({ value, ...shape }) => {
        const scale = drawn / Math.max(shape.width, shape.height);
        return (
          <label key={shape.name} className="shape" title={`${shape.name}, ${shape.width} × ${shape.height} pixels`}>
            <input type="radio" name={name} value={value ?? 'auto'} checked={value === chosen} onChange={() => onChange(value)} />
            <span className="shape-frame" aria-hidden="true">
              <span style={{ width: shape.width * scale, height: shape.height * scale }} />
            </span>
            <span className="shape-name">{shape.name}</span>
          </label>
        );
      })}
    </fieldset>
  );
}
