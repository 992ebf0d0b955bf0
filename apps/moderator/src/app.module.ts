import { Module } from '@nestjs/common';
import { Moderation } from './moderation.js';

/** Wires the moderator. */
@Module({ providers: [Moderation] })
export class AppModule {}
