import type { FindingListBody } from '@darkroom/contracts/admin';
import { Controller, Get } from '@nestjs/common';
import { Needs } from '../operators/route-rules.js';
import { FindingsFolder } from './findings-folder.js';

/** The operators' view of what the red team has found. */
@Controller('admin/v1/findings')
export class FindingsController {
  private readonly folder: FindingsFolder;

  constructor(folder: FindingsFolder) {
    this.folder = folder;
  }

  @Get()
  @Needs('read')
  async list(): Promise<FindingListBody> {
    return await this.folder.read();
  }
}
