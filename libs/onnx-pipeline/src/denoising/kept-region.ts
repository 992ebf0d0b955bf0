/**
 * What inpainting keeps of a picture: wherever the mask says so, the sample is put back on the picture's own path from noise to data.
 *
 * Blended latents: after each pass x = mask * x + (1 - mask) * ((1 - sigma) * data + sigma * noise), sigma being the level that the pass
 * led to and the noise the one that the trajectory began with. Avrahami et al., "Blended Latent Diffusion", arXiv 2206.02779; Lugmayr et
 * al., "RePaint", arXiv 2201.09865; as in diffusers' StableDiffusion3InpaintPipeline. At sigma 0 what is kept is the data, to the bit.
 */
export class KeptRegion {
  readonly #data: Float32Array;
  readonly #noise: Float32Array;
  readonly #mask: Float32Array;

  /**
   * @param data float32 [1, channels, height, width]: the picture's latents.
   * @param noise float32 of the same shape.
   * @param mask float32 [1, 1, height, width], one number for all channels of a position: 1 is drawn anew, 0 kept.
   */
  constructor(data: Float32Array, noise: Float32Array, mask: Float32Array) {
    this.#data = data;
    this.#noise = noise;
    this.#mask = mask;
  }

  /** Writes it over a sample at noise level sigma, in place. */
  restore(sample: Float32Array, sigma: number): void {
    const positions = this.#mask.length;
    for (let i = 0; i < sample.length; i++) {
      const redrawn = this.#mask[i % positions] as number;
      const kept = (1 - sigma) * (this.#data[i] as number) + sigma * (this.#noise[i] as number);
      sample[i] = redrawn * (sample[i] as number) + (1 - redrawn) * kept;
    }
  }
}
