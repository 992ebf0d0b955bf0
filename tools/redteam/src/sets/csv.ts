import { LocalError } from '@darkroom/local';
import { parse } from 'csv-parse/sync';

/** One record of a CSV file by its columns' names. */
export type CsvRecord = Readonly<Record<string, string>>;

/**
 * Reads a CSV file with a header (RFC 4180; a byte order mark and columns that nobody asks for do no harm).
 *
 * @throws LocalError when it is no CSV, or lacks one of the columns.
 */
export function parseCsv(text: string, file: string, columns: readonly string[]): CsvRecord[] {
  let records: CsvRecord[];
  let header: readonly string[] = [];
  try {
    records = parse(text, {
      bom: true,
      skip_empty_lines: true,
      columns: (names: string[]) => {
        header = names.map((name) => name.trim());
        return [...header];
      },
    });
  } catch (cause) {
    throw new LocalError(`${file} is no CSV file: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const missing = columns.filter((column) => !header.includes(column));
  if (missing.length > 0) throw new LocalError(`${file} has no column ${missing.map((name) => `"${name}"`).join(', ')}.`);
  return records;
}
