import {
  ControlPlaneServiceService,
  ModeratorServiceService,
  PromptEncoderServiceService,
  ProvenanceServiceService,
  VaeDecoderServiceService,
  VaeEncoderServiceService,
} from '@darkroom/contracts';
import { GrpcConnection, GrpcSecurity } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from './config.js';

/** Typed clients of the services that do the other stages of a generation. */
@Injectable()
export class Stages implements OnApplicationShutdown {
  readonly encoder;
  readonly decoder;
  readonly vaeEncoder;
  readonly provenance;
  readonly moderator;
  readonly controlPlane;
  private readonly connections: GrpcConnection[] = [];

  constructor(
    config: Config,
    private readonly security: GrpcSecurity,
  ) {
    // A prompt of 32,768 tokens takes seconds, and a large image's pixels too; both may wait behind others of their kind.
    this.encoder = this.connect('prompt-encoder', config.promptEncoderAddress, 120_000).client(PromptEncoderServiceService);
    const vae = this.connect('vae-decoder', config.vaeDecoderAddress, 120_000);
    this.decoder = vae.client(VaeDecoderServiceService);
    this.vaeEncoder = vae.client(VaeEncoderServiceService);
    this.provenance = vae.client(ProvenanceServiceService);
    this.moderator = this.connect('moderator', config.moderatorAddress, 30_000).client(ModeratorServiceService);
    this.controlPlane = this.connect('control-plane', config.controlPlaneAddress, 10_000).client(ControlPlaneServiceService);
  }

  onApplicationShutdown(): void {
    for (const connection of this.connections) {
      connection.close();
    }
  }

  private connect(name: string, address: string, timeoutMs: number): GrpcConnection {
    const connection = new GrpcConnection({ name, address, timeoutMs, security: this.security });
    this.connections.push(connection);
    return connection;
  }
}
