import { type PointerEvent, useEffect, useRef } from 'react';
import type { SourcePicture } from '../state/settings.js';
import { maskFrom } from '../state/source-picture.js';
import { useObjectUrl } from '../state/use-object-url.js';

/** Parts of a picture that can be uncovered without painting, as shares of its width and height. */
export const regions = {
  top: [0, 0, 1, 0.5],
  bottom: [0, 0.5, 1, 0.5],
  left: [0, 0, 0.5, 1],
  right: [0.5, 0, 0.5, 1],
  middle: [0.25, 0.25, 0.5, 0.5],
} as const;

/** What is drawn anew: all, a region, or what was painted over. */
export type Uncovered = 'all' | keyof typeof regions | 'painted';

interface Props {
  readonly picture: SourcePicture;
  readonly uncovered: Uncovered;
  readonly onUncover: (uncovered: Uncovered) => void;
  readonly onMask: (mask: Blob | null) => void;
}

/** The picture to start from, with what of it is drawn anew marked on it; painting on it marks more. */
export function MaskCanvas({ picture, uncovered, onUncover, onMask }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const url = useObjectUrl(picture.image);
  const { width, height } = picture;
  const tell = useRef(onMask);
  tell.current = onMask;

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || uncovered === 'painted') return;
    context.clearRect(0, 0, width, height);
    if (uncovered === 'all') {
      tell.current(null);
      return;
    }
    const [x, y, across, down] = regions[uncovered];
    context.fillStyle = paint;
    context.fillRect(x * width, y * height, across * width, down * height);
    void maskFrom(context.canvas).then((mask) => tell.current(mask));
  }, [uncovered, width, height]);

  const first = useRef(picture.mask);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context && first.current !== null) void showMask(context, first.current);
  }, []);

  const brush = ({ currentTarget, clientX, clientY, movementX, movementY, buttons, type }: PointerEvent<HTMLCanvasElement>) => {
    const context = currentTarget.getContext('2d');
    if (context === null || (type === 'pointermove' && buttons === 0)) return;
    const box = currentTarget.getBoundingClientRect();
    const scale = width / box.width;
    const [x, y] = [(clientX - box.left) * scale, (clientY - box.top) * scale];
    Object.assign(context, { strokeStyle: paint, lineCap: 'round', lineWidth: Math.max(width, height) / 10 });
    context.beginPath();
    context.moveTo(type === 'pointermove' ? x - movementX * scale : x, type === 'pointermove' ? y - movementY * scale : y);
    context.lineTo(x, y);
    context.stroke();
  };

  return (
    <div className="source">
      {url && <img src={url} alt="The one to start from" />}
      <canvas
        ref={canvas}
        width={width}
        height={height}
        role="img"
        aria-label="What of it is drawn anew: the choice below says so too"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          onUncover('painted');
          brush(event);
        }}
        onPointerMove={brush}
        onPointerUp={({ currentTarget }) => void maskFrom(currentTarget).then(onMask)}
      />
    </div>
  );
}

/** Paints what a mask uncovers. */
async function showMask(context: CanvasRenderingContext2D, mask: Blob): Promise<void> {
  const bitmap = await createImageBitmap(mask);
  context.fillStyle = paint;
  context.fillRect(0, 0, bitmap.width, bitmap.height);
  context.globalCompositeOperation = 'destination-out';
  context.drawImage(bitmap, 0, 0);
  context.globalCompositeOperation = 'source-over';
  bitmap.close();
}

/** Opaque, so that strokes over one another stay one mark; the style sheet makes all of it translucent. */
const paint = '#ff3b30';
