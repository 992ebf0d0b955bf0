import {
  DarkroomError,
  type ModerateImageRequest,
  type ModerateImageResponse,
  type ModeratePromptRequest,
  type ModeratePromptResponse,
  type ModerationContext,
  type ModerationStage,
  type ModeratorServiceService,
  type Verdict,
} from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Moderation } from '../moderation.js';
import { parseStage } from '../policy/stage.js';
import { DecisionLog } from './decision-log.js';

/** Serves ModeratorService: gives no verdict whose decision is not in the audit log. */
@Injectable()
export class AuditedModeration implements Handlers<typeof ModeratorServiceService> {
  private readonly moderation: Moderation;
  private readonly decisions: DecisionLog;

  constructor(moderation: Moderation, decisions: DecisionLog) {
    this.moderation = moderation;
    this.decisions = decisions;
  }

  async moderatePrompt(request: ModeratePromptRequest): Promise<ModeratePromptResponse> {
    const { context, prompt } = request;
    return await this.audited(context, 'prompt', prompt, () => this.moderation.moderatePrompt(request));
  }

  async moderateImage(request: ModerateImageRequest): Promise<ModerateImageResponse> {
    const { context, image } = request;
    return await this.audited(context, 'output_image', image, () => this.moderation.moderateImage(request));
  }

  private async audited<Response extends { readonly verdict: Verdict | undefined }>(
    context: ModerationContext | undefined,
    usual: ModerationStage,
    content: string | Uint8Array,
    judge: () => Promise<Response>,
  ): Promise<Response> {
    const stage = parseStage(context, usual);
    const startedAt = performance.now();
    // A picture is hashed while another thread classifies it.
    const [response, contentHmac] = await Promise.all([judge(), this.decisions.seal(content)]);
    const { verdict } = response;
    if (verdict === undefined) throw new DarkroomError({ code: 'internal', message: 'nothing was decided' });
    const decisionId = await this.decisions.enter({
      tenantId: context?.tenantId ?? '',
      keyId: context?.keyId ?? '',
      generationId: context?.generationId ?? '',
      stage,
      image: context?.image ?? 0,
      ...verdict,
      latencyMs: performance.now() - startedAt,
      contentHmac,
    });
    return { ...response, verdict: { ...verdict, decisionId } };
  }
}
