import { Module } from '@nestjs/common';
import { Encoding } from './encoding.js';

/** Wires the prompt encoder. */
@Module({ providers: [Encoding] })
export class AppModule {}
