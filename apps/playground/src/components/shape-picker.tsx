import type { Model } from '@darkroom/client';
import { useId } from 'react';
import { shapesOf } from '../state/settings.js';

interface Props {
  readonly model: Model;
  readonly size: string | null;
  readonly onChange: (size: string) => void;
}

/** Height of the largest drawn shape, in pixels of the page. */
const drawn = 30;

/** Sizes as shapes: a person sees what a picture will look like, and not its numbers. */
export function ShapePicker({ model, size, onChange }: Props) {
  const name = useId();
  const shapes = shapesOf(model);
  const chosen = size ?? model.size.default;
  const longest = Math.max(...shapes.map(({ width, height }) => Math.max(width, height)));
  return (
    <fieldset className="shapes">
      <legend>Shape</legend>
      {shapes.map((shape) => {
        const value = `${shape.width}x${shape.height}`;
        const scale = drawn / longest;
        return (
          <label key={shape.name} className="shape" title={`${shape.name}, ${shape.width} × ${shape.height} pixels`}>
            <input type="radio" name={name} value={value} checked={value === chosen} onChange={() => onChange(value)} />
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
