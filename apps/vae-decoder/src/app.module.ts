import { Module } from '@nestjs/common';
import { Decoding } from './decoding.js';

/** Wires the VAE decoder. */
@Module({ providers: [Decoding] })
export class AppModule {}
