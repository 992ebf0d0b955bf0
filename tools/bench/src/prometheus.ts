/** One sample of a Prometheus exposition. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format that /metrics answers with. */
export function parseMetrics(text: string): Sample[] {
  return text
    .split('\n')
    .map((line) => LINE.exec(line))
    .filter((match) => match !== null)
    .map(([, name = '', labels = '', value = 'NaN']) => ({
      name,
      labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text])),
      value: Number(value),
    }));
}

/**
 * Fetches a service's metrics and picks one value.
 * @throws Error when the metric isn't there: a missing metric is an error, never zero.
 */
export async function metric(baseUrl: string, name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const response = await fetch(`${baseUrl}/metrics`);
  const samples = parseMetrics(await response.text());
  const found = samples.find(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  if (found === undefined) throw new Error(`${baseUrl}/metrics has no ${name}${JSON.stringify(labels)}`);
  return found.value;
}
