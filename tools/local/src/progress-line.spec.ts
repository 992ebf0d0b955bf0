import type { GenerationBody } from '@darkroom/contracts/http';
import { describe, expect, it } from 'vitest';
import { progressText } from './progress-line.js';

const queued: GenerationBody = {
  id: 'gen_1',
  object: 'generation',
  created: 0,
  model: 'pocket',
  status: 'queued',
  progress: null,
  data: null,
  receipt: null,
  usage: null,
  user: null,
  moderation_notices: [],
  replay_of: null,
  matches: null,
  error: null,
};

const running = { queue_position: null, expected_finish: null };

describe('progressText', () => {
  it('tells the state of a generation that waits', () => {
    expect(progressText(queued)).toBe('queued');
    const progress = { stage: 'queue', step: 0, steps: 20, image: 0, images: 1, queue_position: 3, expected_finish: null };
    expect(progressText({ ...queued, progress })).toBe('queued, place 3');
  });

  it('draws a bar while denoising, and tells the image of several', () => {
    const progress = { stage: 'denoise', step: 10, steps: 20, image: 1, images: 3, ...running };
    expect(progressText({ ...queued, status: 'running', progress })).toBe('image 2/3 denoise [##########..........] 10/20');
  });

  it('names the other stages', () => {
    const progress = { stage: 'decode', step: 20, steps: 20, image: 0, images: 1, ...running };
    expect(progressText({ ...queued, status: 'running', progress })).toBe('decode');
  });
});
