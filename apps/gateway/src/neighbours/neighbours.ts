import {
  ControlPlaneServiceService,
  JournalServiceService,
  ModeratorServiceService,
  PromptEncoderServiceService,
  ProvenanceServiceService,
  ReviewServiceService,
  RoutingServiceService,
  WebhookServiceService,
} from '@darkroom/contracts';
import { type GrpcClient, GrpcConnection, GrpcSecurity, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';

/** The services that the gateway asks: before it admits a request, and where a picture is from. */
@Injectable()
export class Neighbours implements OnApplicationShutdown {
  readonly controlPlane: GrpcClient<typeof ControlPlaneServiceService>;
  /** What the control plane keeps of generations. */
  readonly journal: GrpcClient<typeof JournalServiceService>;
  /** What the control plane keeps of webhooks. */
  readonly webhooks: GrpcClient<typeof WebhookServiceService>;
  /** What the control plane keeps of reviews and appeals. */
  readonly reviews: GrpcClient<typeof ReviewServiceService>;
  /** Where the control plane wants requests to go. */
  readonly routing: GrpcClient<typeof RoutingServiceService>;
  readonly moderator: GrpcClient<typeof ModeratorServiceService>;
  readonly promptEncoder: GrpcClient<typeof PromptEncoderServiceService>;
  readonly provenance: GrpcClient<typeof ProvenanceServiceService>;
  private readonly connections: readonly GrpcConnection[];

  constructor(config: Config, readiness: Readiness, security: GrpcSecurity) {
    const connect = (name: string, address: string, timeoutMs: number) =>
      new GrpcConnection({ name, address, timeoutMs, security });
    const controlPlane = connect('control-plane', config.controlPlaneAddress, 2_000);
    const moderator = connect('moderator', config.moderatorAddress, 5_000);
    const promptEncoder = connect('prompt-encoder', config.promptEncoderAddress, 10_000);
    const vaeDecoder = connect('vae-decoder', config.vaeDecoderAddress, 30_000);
    this.controlPlane = controlPlane.client(ControlPlaneServiceService);
    this.journal = controlPlane.client(JournalServiceService);
    this.webhooks = controlPlane.client(WebhookServiceService);
    this.reviews = controlPlane.client(ReviewServiceService);
    this.routing = controlPlane.client(RoutingServiceService);
    this.moderator = moderator.client(ModeratorServiceService);
    this.promptEncoder = promptEncoder.client(PromptEncoderServiceService);
    this.provenance = vaeDecoder.client(ProvenanceServiceService);
    this.connections = [controlPlane, moderator, promptEncoder, vaeDecoder];
    readiness.require('control-plane', controlPlane.missing);
    readiness.require('moderator', moderator.missing);
    // The encoder isn't required: without it jobs wait in the queue, and only prompts that may be too long are turned away.
    // Nor is the decoder: without it jobs wait too, and only questions about pictures are.
  }

  onApplicationShutdown(): void {
    for (const connection of this.connections) connection.close();
  }
}
