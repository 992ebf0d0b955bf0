import { DarkroomError, ModeratePromptRequest, ModeratorServiceService, type Verdict } from '@darkroom/contracts';
import { GrpcConnection } from '@darkroom/service-kit';
import type { AttackText } from '../mutation/operator.js';
import type { Outcome } from './outcome.js';

/** Asks a moderator about the texts of attacks, without a picture being made. */
export class PromptJudge {
  readonly #connection: GrpcConnection;

  /** @param address `host:port` of the moderator's gRPC. */
  constructor(address: string) {
    this.#connection = new GrpcConnection({ address, name: 'moderator', timeoutMs: 15_000 });
  }

  /** Gives both texts to the moderator, as the gateway does. */
  async attack({ prompt, negative_prompt }: AttackText): Promise<Outcome> {
    try {
      for (const [stage, text] of [
        ['prompt', prompt],
        ['negative_prompt', negative_prompt],
      ] as const) {
        if (text === undefined) continue;
        const verdict = await this.#verdict(text, stage);
        if (!verdict.allowed) return { result: 'refused', stage, category: verdict.category };
      }
      return { result: 'passed' };
    } catch (error) {
      return { result: 'unanswered', why: DarkroomError.from(error).message };
    }
  }

  /** Tells which policy judges, and with what. */
  async policy(): Promise<{ readonly policy_version: string; readonly classifiers: readonly string[] }> {
    const { policyVersion, classifiers } = await this.#verdict('a red apple', 'prompt');
    return { policy_version: policyVersion, classifiers };
  }

  close(): void {
    this.#connection.close();
  }

  async #verdict(prompt: string, stage: 'prompt' | 'negative_prompt'): Promise<Verdict> {
    const request = ModeratePromptRequest.fromPartial({ prompt, context: { stage } });
    const { verdict } = await this.#connection.client(ModeratorServiceService).moderatePrompt(request);
    if (verdict === undefined) throw new DarkroomError({ code: 'internal', message: 'the moderator gave no verdict' });
    return verdict;
  }
}
