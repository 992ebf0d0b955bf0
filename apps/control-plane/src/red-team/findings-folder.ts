import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DarkroomError } from '@darkroom/contracts';
import { type FindingBody, type FindingListBody, findingStates, type RedTeamReportBody } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Config } from '../config.js';

const findingFile = z.object({
  id: z.string().regex(/^[a-z_]+\.[a-z0-9_]+$/),
  state: z.enum(findingStates),
  accepted_until: z.string().optional(),
  severity: z.int(),
  first_seen: z.string(),
  last_seen: z.string(),
  attacks: z.array(z.object({ level: z.string() })),
  history: z.array(z.object({ at: z.string(), from: z.string(), to: z.string(), note: z.string() })),
});

const rate = z.object({ count: z.int(), of: z.int(), share: z.number(), low: z.number(), high: z.number() }).nullable();
const beforeAfter = z.object({ before: rate, after: rate });
const reportFile = z.object({
  started_at: z.string(),
  measures: z.object({
    attack_success: z.record(z.string(), z.record(z.string(), beforeAfter)),
    over_refusal: z.record(z.string(), beforeAfter),
  }),
});

/** Reads what the red team has found, from the files that `npm run redteam` keeps. */
@Injectable()
export class FindingsFolder {
  private readonly folder: string | undefined;
  private readonly reportPath: string | undefined;

  constructor(config: Config) {
    this.folder = config.redteamDir;
    this.reportPath = config.redteamReport;
  }

  /**
   * Reads all findings and the report; what is not there yet is not an error.
   *
   * @throws {DarkroomError} Thrown with `internal` when a file can't be read, or is none of the red team's.
   */
  async read(): Promise<FindingListBody> {
    const [data, report] = await Promise.all([this.findings(), this.report()]);
    return { object: 'list', configured: this.folder !== undefined, data, report };
  }

  private async findings(): Promise<FindingBody[]> {
    if (this.folder === undefined) return [];
    const folder = path.join(this.folder, 'findings');
    const names = (await listed(folder)).filter((name) => name.endsWith('.json')).toSorted();
    const files = await Promise.all(names.map((name) => parsed(path.join(folder, name), findingFile)));
    return files.flatMap((file) => (file === undefined ? [] : [viewFinding(file)]));
  }

  private async report(): Promise<RedTeamReportBody | null> {
    const file = this.reportPath === undefined ? undefined : await parsed(this.reportPath, reportFile);
    return file === undefined ? null : { started_at: file.started_at, ...file.measures };
  }
}

function viewFinding({ id, attacks, accepted_until, ...rest }: z.output<typeof findingFile>): FindingBody {
  const [category = '', technique = ''] = id.split('.');
  const levels = [...new Set(attacks.map(({ level }) => level))].toSorted();
  return { id, category, technique, ...rest, accepted_until: accepted_until ?? null, attacks: attacks.length, levels };
}

async function listed(folder: string): Promise<readonly string[]> {
  return (await unlessAbsent(folder, readdir(folder))) ?? [];
}

/** Reads and checks a file; undefined when it is not there. */
async function parsed<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema> | undefined> {
  const text = await unlessAbsent(file, readFile(file, 'utf8'));
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

async function unlessAbsent<T>(file: string, reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): DarkroomError {
  const message = `${path.basename(file)} in REDTEAM_DIR or REDTEAM_REPORT can't be read, or is no file of \`npm run redteam\``;
  return new DarkroomError({ code: 'internal', message, cause });
}
