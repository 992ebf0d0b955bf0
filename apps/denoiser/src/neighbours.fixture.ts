/**
 * The services around a denoiser, for its specs: real gRPC servers on real sockets, with the real encoder and decoder of the
 * pocket model behind them. The moderator's verdict and the ledger are the spec's to set and to read.
 */
import { fileURLToPath } from 'node:url';
import {
  ControlPlaneServiceService,
  DarkroomError,
  fromTensorMessage,
  type KeptPicture,
  type ModerationContext,
  ModeratorServiceService,
  PromptEncoderServiceService,
  ProvenanceServiceService,
  type RecordUsageRequest,
  type SignRequest,
  toNamedTensorMessages,
  toTensorMessage,
  VaeDecoderServiceService,
  VaeEncoderServiceService,
  Verdict,
} from '@darkroom/contracts';
import { translateErrors } from '@darkroom/model-serving';
import { ModelFolder, PromptEncoder, VaeDecoder, VaeEncoder } from '@darkroom/onnx-pipeline';
import { GrpcServer, Log, Metrics, type ServedService, serve } from '@darkroom/service-kit';
import { tensor } from '@darkroom/tensor';

/** Where the repository's models are. */
export const modelsDir = fileURLToPath(new URL('../../../models', import.meta.url));

/** Names of the neighbours. */
export type Neighbour = 'encoder' | 'decoder' | 'moderator' | 'controlPlane';

const allowed = Verdict.fromPartial({ allowed: true, action: 'allow', policyVersion: '0' });

/** The four neighbours of a denoiser, the VAE encoder and the signing of pictures being the decoder's; each can go away and come back at the same address. */
export class Neighbours {
  /** What the moderator would have delivered in every picture's place; empty for the picture itself. */
  blurred = Buffer.alloc(0);
  /** What the moderator says of every picture; undefined is a reply without a verdict. */
  verdict: Verdict | undefined = allowed;
  /** Every call of the ledger, repeated ones too. */
  readonly usage: RecordUsageRequest[] = [];
  /** The quality that each decoded file was asked for in. */
  readonly qualities: number[] = [];
  /** Whether each picture was to be blurred whatever is found. */
  readonly blurs: boolean[] = [];
  /** The level that each picture was to be judged at. */
  readonly levels: string[] = [];
  /** Whose picture each was, and which. */
  readonly contexts: (ModerationContext | undefined)[] = [];
  /** Counts a prompt's tokens as the model does. */
  readonly countTokens: (prompt: string) => Promise<number>;
  /** What each call of the decoder was to keep of a picture. */
  readonly kept: (KeptPicture | undefined)[] = [];
  /** What each call of the decoder was to mark its image with. */
  readonly marks: (number | undefined)[] = [];
  /** What was signed. */
  readonly signed: SignRequest[] = [];
  /** Whether signing fails, as it does where a key service is away. */
  canSign = true;
  /** Pictures that were encoded. */
  picturesEncoded = 0;
  private readonly servers = new Map<Neighbour, GrpcServer>();
  private readonly ports = new Map<Neighbour, number>();
  private readonly services: Record<Neighbour, readonly ServedService[]>;
  private readonly closeModels: () => Promise<unknown>;

  private constructor(encoder: PromptEncoder, decoder: VaeDecoder, vaeEncoder: VaeEncoder) {
    this.countTokens = (prompt) => encoder.countTokens(prompt);
    this.closeModels = () => Promise.all([encoder.close(), decoder.close(), vaeEncoder.close()]);
    const encode = async (prompt: string) => {
      const { conditioning, ...rest } = await translateErrors(encoder.encode(prompt));
      return { ...rest, conditioning: toNamedTensorMessages(conditioning), cached: false };
    };
    this.services = {
      encoder: [
        serve(PromptEncoderServiceService, {
          encode: ({ prompt }) => encode(prompt),
          encodeBatch: async ({ prompts }) => ({ responses: await Promise.all(prompts.map(encode)) }),
          countTokens: async ({ prompt }) => ({
            tokenCount: await encoder.countTokens(prompt),
            maxTokens: encoder.maxTokens,
          }),
        }),
      ],
      decoder: [
        serve(VaeDecoderServiceService, {
          // The pixels themselves stand for the encoded file: how files are written is the decoder's own affair.
          decode: async ({ latents, quality, kept, markPayload }) => {
            this.qualities.push(quality);
            this.kept.push(kept);
            this.marks.push(markPayload);
            const { rgb, ...image } = await translateErrors(decoder.decode(fromTensorMessage(latents, 'latents')));
            return { ...image, image: Buffer.from(rgb), encodeMs: 0 };
          },
        }),
        serve(ProvenanceServiceService, {
          verify: () => Promise.reject(new Error('the denoiser verifies nothing')),
          sign: async (request) => {
            if (!this.canSign) throw new DarkroomError({ code: 'unavailable', message: 'the key service is away' });
            this.signed.push(request);
            return { image: Buffer.concat([request.image, Buffer.from(`signed ${this.signed.length}`)]) };
          },
        }),
        serve(VaeEncoderServiceService, {
          // And here too: a mask has a byte for each position of the latents.
          encodeImage: async ({ image, width, height, mask }) => {
            this.picturesEncoded += 1;
            if (image.length !== width * height * 3) {
              throw new DarkroomError({ code: 'invalid_argument', message: 'the file is damaged', param: 'image' });
            }
            const { latents, ...encoded } = await translateErrors(vaeEncoder.encode({ width, height, rgb: image }));
            const positions = () => tensor('float32', [1, 1, ...latents.shape.slice(2)], Float32Array.from(mask));
            return {
              ...encoded,
              latents: toTensorMessage(latents),
              decodeMs: 0,
              mask: mask.length === 0 ? undefined : toTensorMessage(positions()),
            };
          },
        }),
      ],
      moderator: [
        serve(ModeratorServiceService, {
          moderatePrompt: () => ({ verdict: this.verdict, kernelMs: 0 }),
          moderateImage: ({ level, context, blur }) => {
            this.levels.push(level);
            this.blurs.push(blur);
            this.contexts.push(context);
            return { verdict: this.verdict, kernelMs: 0.001, blurred: this.blurred };
          },
        }),
      ],
      controlPlane: [
        serve(ControlPlaneServiceService, {
          verifyKey: () => Promise.reject(new Error('the denoiser has no keys to verify')),
          summariseUsage: () => Promise.reject(new Error('the denoiser has nothing to ask the ledger')),
          getMonthlyUsage: () => Promise.reject(new Error('the denoiser has nothing to ask the ledger')),
          recordUsage: (request) => {
            const recorded = !this.usage.some(({ generationId }) => generationId === request.generationId);
            this.usage.push(request);
            return { recorded };
          },
        }),
      ],
    };
  }

  /** Loads the models and starts all four. */
  static async start(): Promise<Neighbours> {
    const folder = await ModelFolder.open(`${modelsDir}/pocket`);
    const options = { threads: 2 };
    // So little that images of more than 256 pixels along a side are decoded in tiles.
    const memoryLimitBytes = 2 * 2 ** 20;
    const neighbours = new Neighbours(
      await PromptEncoder.load(folder, options),
      await VaeDecoder.load(folder, { ...options, memoryLimitBytes }),
      await VaeEncoder.load(folder, options),
    );
    for (const name of ['encoder', 'decoder', 'moderator', 'controlPlane'] as const) {
      await neighbours.bringBack(name);
    }
    return neighbours;
  }

  /** The environment variables that tell a denoiser where they are. */
  get environment(): Record<string, string> {
    const address = (name: Neighbour) => `127.0.0.1:${this.ports.get(name)}`;
    return {
      PROMPT_ENCODER_ADDRESS: address('encoder'),
      VAE_DECODER_ADDRESS: address('decoder'),
      MODERATOR_ADDRESS: address('moderator'),
      CONTROL_PLANE_ADDRESS: address('controlPlane'),
    };
  }

  /** Kills a neighbour: its connections drop, and nobody listens at its address. */
  takeAway(name: Neighbour): void {
    this.servers.get(name)?.destroy();
    this.servers.delete(name);
  }

  /** Starts a neighbour at the address it had before. */
  async bringBack(name: Neighbour): Promise<void> {
    const server = new GrpcServer({
      services: [...this.services[name]],
      log: Log.create(name, 'silent'),
      metrics: new Metrics(name),
      isReady: async () => true,
    });
    this.ports.set(name, await server.listen('127.0.0.1', this.ports.get(name) ?? 0));
    this.servers.set(name, server);
  }

  /** Makes the moderator refuse every picture. */
  refuse(category: string): void {
    this.verdict = { ...allowed, allowed: false, action: 'block', category, decisionId: 'dec_spec' };
  }

  /** Makes everything as it was after {@link start}. */
  async reset(): Promise<void> {
    this.verdict = allowed;
    this.blurred = Buffer.alloc(0);
    this.usage.length = 0;
    this.qualities.length = 0;
    this.levels.length = 0;
    this.contexts.length = 0;
    this.kept.length = 0;
    this.marks.length = 0;
    this.signed.length = 0;
    this.canSign = true;
    this.picturesEncoded = 0;
    for (const name of this.ports.keys()) {
      if (!this.servers.has(name)) {
        await this.bringBack(name);
      }
    }
  }

  async close(): Promise<void> {
    for (const name of this.ports.keys()) {
      this.takeAway(name);
    }
    await this.closeModels();
  }
}
