import { mean, meanSquaredError, psnr, wilson } from '@darkroom/evaluate';
import { indent, table } from '@darkroom/local';
import {
  detectionThreshold,
  developmentCertificate,
  falsePositiveBound,
  keySigner,
  Manifests,
  markPsnr,
  type PictureReceipt,
  type RgbPixels,
  Watermark,
} from '@darkroom/provenance';
import sharp from 'sharp';
import type { BenchContext, Benchmark } from '../benchmark.js';
import { atLeast, atMost, below, type Figure, median, plain } from '../figures.js';
import { seededRandom } from '../random.js';
import { changes, claimed } from './changes.js';
import { drawPictures } from './pictures.js';

const keyOf = (index: number) => Buffer.alloc(32, `key ${index} of the benchmark `);

/** How marked pictures fare through one change. */
interface Outcome {
  readonly scores: number[];
  detected: number;
  read: number;
}

/** Marks each picture with each key, and looks for the mark after each change. */
async function survive(
  pictures: readonly RgbPixels[],
  keys: number,
): Promise<{ outcomes: Map<string, Outcome>; ratios: number[] }> {
  const random = seededRandom(1);
  const outcomes = new Map<string, Outcome>(Object.keys(changes).map((name) => [name, { scores: [], detected: 0, read: 0 }]));
  const ratios: number[] = [];
  for (let key = 0; key < keys; key++) {
    const watermark = new Watermark(keyOf(key));
    for (const picture of pictures) {
      const payload = Math.floor(random() * 2 ** 32);
      const marked = { ...picture, rgb: watermark.mark(picture, payload) };
      ratios.push(psnr(meanSquaredError(picture.rgb, marked.rgb)));
      for (const [name, change] of Object.entries(changes)) {
        const outcome = outcomes.get(name) as Outcome;
        const detection = watermark.detect(await change(marked));
        outcome.scores.push(detection.score);
        outcome.detected += detection.detected ? 1 : 0;
        outcome.read += detection.payload === payload ? 1 : 0;
      }
    }
  }
  return { outcomes, ratios };
}

/** Scores unmarked pictures, and pictures of noise, with many keys. */
function chance(pictures: readonly RgbPixels[], keys: number): number[] {
  const random = seededRandom(2);
  const noise = { width: 256, height: 256, rgb: Uint8Array.from({ length: 256 * 256 * 3 }, () => Math.floor(random() * 256)) };
  return Array.from({ length: keys }, (_, key) => {
    const watermark = new Watermark(keyOf(1000 + key));
    return [...pictures, noise].map((picture) => watermark.detect(picture).score);
  }).flat();
}

/** Times marking and looking, in milliseconds: the median of ten. */
function times(picture: RgbPixels): { mark: number; detect: number } {
  const watermark = new Watermark(keyOf(0));
  const timed = (work: () => unknown) => {
    work();
    return median(
      Array.from({ length: 10 }, () => {
        const start = performance.now();
        work();
        return performance.now() - start;
      }),
    );
  };
  return { mark: timed(() => watermark.mark(picture, 7)), detect: timed(() => watermark.detect(picture)) };
}

/** Times signing and reading a PNG, in milliseconds: the median of ten, without the first, which loads the library. */
async function manifestTimes({ rgb, width, height }: RgbPixels): Promise<{ sign: number; read: number; bytes: number }> {
  const { certificates, key } = await developmentCertificate();
  const manifests = new Manifests({ version: 'bench', signer: keySigner(certificates, key) });
  const file = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  const receipt = { model: 'pocket', width, height, versions: {} } as unknown as PictureReceipt;
  const [signing, reading]: [number[], number[]] = [[], []];
  let signed: Buffer = file;
  for (let round = 0; round <= 10; round++) {
    const start = performance.now();
    signed = await manifests.sign(file, 'image/png', receipt);
    const middle = performance.now();
    await manifests.read(signed, 'image/png');
    if (round === 0) continue;
    signing.push(middle - start);
    reading.push(performance.now() - middle);
  }
  return { sign: median(signing), read: median(reading), bytes: signed.length - file.length };
}

async function run(context: BenchContext): Promise<Figure[]> {
  const { modelsDir } = context.config;
  const count = context.quick ? 10 : 100;
  const drawing = { modelsDir, side: 256, signal: context.signal };
  const pictures = [
    ...(await drawPictures({ ...drawing, model: 'pocket-turbo', count })),
    ...(await drawPictures({ ...drawing, model: 'pocket', count: count / 2 })),
  ];
  const [large] = await drawPictures({ ...drawing, model: 'pocket-turbo', count: 1, side: 1024 });
  context.say(`${pictures.length} pictures of 256x256`);

  const { outcomes, ratios } = await survive(pictures, 3);
  const rows = [...outcomes].map(([name, { scores, detected, read }]) => {
    const of = scores.length;
    const { low } = wilson(detected, of);
    const percent = (share: number) => (100 * share).toFixed(1);
    return [
      name,
      percent(detected / of),
      percent(low),
      percent(read / of),
      Math.min(...scores).toFixed(1),
      median(scores).toFixed(1),
    ];
  });
  const header = ['done to it', 'detected %', 'at least %', 'read %', 'least score', 'median'];
  context.say(`\n${indent(table([header, ...rows], [1, 2, 3, 4, 5]))}\n`);

  const unmarked = chance(pictures, context.quick ? 20 : 40);
  const [small, big] = [times(pictures[0] as RgbPixels), times(large as RgbPixels)];
  const manifest = await manifestTimes(large as RgbPixels);
  const share = (name: string, hits: number) => (100 * hits) / (outcomes.get(name)?.scores.length ?? 1);
  return [
    ...[...outcomes].flatMap(([name, { detected, read }]) => [
      claimed.has(name)
        ? atLeast(`detected after: ${name}`, share(name, detected), '%', 99)
        : plain(`detected after: ${name}`, share(name, detected), '%'),
      plain(`payload read after: ${name}`, share(name, read), '%'),
    ]),
    plain('unmarked pictures and keys tried', unmarked.length, ''),
    atMost('of those detected', unmarked.filter((score) => score >= detectionThreshold).length, '', 0),
    plain('greatest score of an unmarked picture', Math.max(...unmarked), ''),
    plain('deviation of their scores', Math.sqrt(mean(unmarked.map((score) => score * score))), ''),
    plain('bound of the false-positive rate', 1e6 * falsePositiveBound, 'in a million'),
    atLeast('PSNR of marked pictures, least', Math.min(...ratios), 'dB', 38),
    plain('PSNR of marked pictures, median', median(ratios), `dB, meant to be ${markPsnr}`),
    plain('marking 256x256', small.mark, 'ms'),
    plain('looking for a mark in 256x256', small.detect, 'ms'),
    below('marking 1024x1024', big.mark, 'ms', 60),
    plain('looking for a mark in 1024x1024', big.detect, 'ms'),
    plain('signing a PNG of 1024x1024', manifest.sign, 'ms'),
    plain('reading its manifest', manifest.read, 'ms'),
    plain('bytes that a manifest takes', manifest.bytes, ''),
  ];
}

/** How well marks survive, what chance gives, and what marks and manifests cost. */
export const provenance: Benchmark = {
  name: 'provenance',
  summary: 'invisible marks through compression and resizing, false positives, PSNR, and the time of marks and manifests',
  options: ['quick'],
  run,
};
