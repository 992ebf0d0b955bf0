import { Controller, Header, HttpCode, Post, StreamableFile } from '@nestjs/common';
import { Audited, Needs } from '../operators/route-rules.js';
import { Backup } from './backup.js';

/** Hands operators a back-up of the database. */
@Controller('admin/v1/backup')
export class BackupController {
  private readonly backup: Backup;

  constructor(backup: Backup) {
    this.backup = backup;
  }

  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @Needs('administer')
  @Audited('backup.make')
  async make(): Promise<StreamableFile> {
    return new StreamableFile(await this.backup.make(), { type: 'application/x-tar' });
  }
}
