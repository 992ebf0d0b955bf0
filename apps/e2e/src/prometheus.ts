import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@darkroom/testing';
import { until } from './processes.js';

/** The alerts that ship. */
export const alertsFile = path.resolve(import.meta.dirname, '../../../deploy/helm/darkroom/files/alerts.yaml');

/** A rule as Prometheus tells it. */
export interface PrometheusRule {
  readonly name: string;
  readonly health: string;
  /** "inactive", "pending" while its condition has not held for long enough, or "firing". */
  readonly state: string;
  readonly query: string;
}

/** A real Prometheus, of Debian's package, that reads services once a second and evaluates the alerts that ship. */
export class Prometheus {
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly url: string;

  private constructor(child: ChildProcess, folder: string, port: number) {
    this.child = child;
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts one that reads these services, by the addresses that they listen at. */
  static async start(httpUrls: readonly string[]): Promise<Prometheus> {
    const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [alertsFile],
      scrape_configs: [
        { job_name: 'darkroom', honor_labels: true, static_configs: [{ targets: httpUrls.map((url) => new URL(url).host) }] },
      ],
    };
    // JSON is YAML.
    writeFileSync(path.join(folder, 'prometheus.yaml'), JSON.stringify(config));
    const port = await freePort();
    const args = [
      `--config.file=${path.join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const prometheus = new Prometheus(spawn('prometheus', args, { stdio: 'ignore' }), folder, port);
    let failure: Error | undefined;
    prometheus.child.once('error', (error) => {
      failure = error;
    });
    await until('Prometheus is ready', async () => {
      if (failure !== undefined) throw new Error('prometheus is missing: apt-get install prometheus', { cause: failure });
      return await fetch(`${prometheus.url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
    return prometheus;
  }

  /** Tells how its rules are doing. */
  async rules(): Promise<readonly PrometheusRule[]> {
    const { groups } = await this.ask<{ groups: { rules: PrometheusRule[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  /** Counts the series that an expression has. */
  async count(expression: string): Promise<number> {
    const query = new URLSearchParams({ query: `count(${expression})` });
    const { result } = await this.ask<{ result: { value: [number, string] }[] }>(`query?${query}`);
    return Number(result[0]?.value[1] ?? 0);
  }

  /** Ends it, and removes what it wrote. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await until('Prometheus has ended', () => this.child.exitCode !== null || this.child.signalCode !== null);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask<Data>(question: string): Promise<Data> {
    const response = await fetch(`${this.url}/api/v1/${question}`);
    return ((await response.json()) as { data: Data }).data;
  }
}

/** Names the selectors of the alerts that ship, each a metric with its labels. */
export function alertSelectors(): readonly string[] {
  const text = readFileSync(alertsFile, 'utf8');
  return [...new Set([...text.matchAll(/\b(?:darkroom|process)_\w+\{[^}]*\}/g)].map(([selector]) => selector))];
}
