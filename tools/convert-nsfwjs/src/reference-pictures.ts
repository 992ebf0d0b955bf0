/** A picture drawn by formula: RGB, 8 bits, row by row. */
export interface ReferencePicture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

type Rgb = readonly [number, number, number];

/**
 * Draws the pictures on which the converted classifier must agree with the original.
 *
 * They cover the model's own size, larger, smaller and oblong ones (so that resizing is compared too), flat colour, hard edges, fine
 * texture and noise.
 */
export function drawReferencePictures(): ReferencePicture[] {
  const random = noiseField(20, 15);
  return [
    draw('gradient', 224, 224, (x, y) => [255 * x, 255 * y, 255 * (1 - x)]),
    draw('disc', 256, 256, (x, y) => (Math.hypot(x - 0.5, y - 0.5) < 0.35 ? [220, 30, 40] : [30, 60, 200])),
    draw('checkers', 320, 200, (x, y) => ((Math.floor(x * 16) + Math.floor(y * 10)) % 2 === 0 ? [250, 250, 250] : [10, 10, 10])),
    draw('waves', 64, 64, (x, y) => [
      127 + 120 * Math.sin(12 * x),
      127 + 120 * Math.sin(9 * y + 4 * x),
      127 + 120 * Math.cos(20 * x * y),
    ]),
    draw('noise', 500, 375, (x, y) => random(x, y)),
    draw('peach', 512, 512, (x, y) => {
      const light = 0.65 + 0.35 * Math.sin(3 * x + 2 * Math.sin(4 * y));
      return [235 * light, 180 * light, 150 * light];
    }),
    draw('grey', 1024, 512, () => [128, 128, 128]),
  ];
}

function draw(name: string, width: number, height: number, colour: (x: number, y: number) => Rgb): ReferencePicture {
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const rgb = colour((column + 0.5) / width, (row + 0.5) / height);
      data.set(rgb.map(Math.round), (row * width + column) * 3);
    }
  }
  return { name, width, height, data };
}

/** Blocks of random colours from a linear congruential generator (Numerical Recipes' constants). */
function noiseField(columns: number, rows: number): (x: number, y: number) => Rgb {
  let state = 7;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
  const blocks = Array.from({ length: columns * rows }, (): Rgb => [next(), next(), next()]);
  return (x, y) => blocks[Math.floor(y * rows) * columns + Math.floor(x * columns)] ?? [0, 0, 0];
}
