import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { LocalError } from '@darkroom/local';

const execute = promisify(execFile);

/** The programs that can build images, in the order in which they are looked for. */
export const engineNames = ['docker', 'podman', 'buildah'] as const;

/** A program that builds images. */
export type EngineName = (typeof engineNames)[number];

/** What is built: one stage of a Dockerfile, under a name. */
export interface ImageBuild {
  readonly dockerfile: string;
  readonly context: string;
  readonly target: string;
  readonly name: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The arguments by which every engine builds an image alike. */
export function buildArguments(engine: EngineName, build: ImageBuild): readonly string[] {
  const each = (flag: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
  return [
    'build',
    // Docker and podman keep the stages that images share without being asked.
    ...(engine === 'buildah' ? ['--layers'] : []),
    ...['--file', build.dockerfile, '--target', build.target, '--tag', build.name],
    ...each('--build-arg', build.buildArguments),
    ...each('--label', build.labels),
    build.context,
  ];
}

/** Builds images and looks into them. */
export class ContainerEngine {
  readonly name: EngineName;

  constructor(name: EngineName) {
    this.name = name;
  }

  /**
   * Finds an engine on this machine.
   *
   * @param wanted which one; without it the first that answers.
   * @throws LocalError when there is none.
   */
  static async find(wanted?: string): Promise<ContainerEngine> {
    const names = wanted === undefined ? engineNames : engineNames.filter((name) => name === wanted);
    if (names.length === 0) throw new LocalError(`--engine is "${wanted}": it must be ${engineNames.join(', ')}.`);
    for (const name of names) {
      // Docker's client answers where no daemon runs; `info` asks the daemon.
      const answers = await execute(name, ['info']).then(
        () => true,
        () => false,
      );
      if (answers) return new ContainerEngine(name);
    }
    throw new LocalError(`No container engine answers here: install ${names.join(', or ')}, and see that \`info\` works.`);
  }

  /**
   * Builds an image; what the engine says goes to standard error.
   *
   * @throws LocalError when the build fails.
   */
  async build(build: ImageBuild, signal: AbortSignal): Promise<void> {
    const child = spawn(this.name, buildArguments(this.name, build), {
      stdio: ['ignore', process.stderr, process.stderr],
      signal,
    });
    const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)).catch(
      (error: unknown) => {
        throw signal.aborted ? signal.reason : error;
      },
    );
    if (code !== 0) throw new LocalError(`${build.name} was not built: ${this.name} ended with status ${code}.`);
  }

  /** Runs a command in a container of an image, without network, and returns what it prints. */
  async outputOf(image: string, command: readonly string[]): Promise<string> {
    if (this.name !== 'buildah') {
      const [program = '', ...rest] = command;
      return await this.#run('run', '--rm', '--network=none', `--entrypoint=${program}`, image, ...rest);
    }
    const container = (await this.#run('from', image)).trim();
    try {
      return await this.#run('run', '--network=none', container, '--', ...command);
    } finally {
      await this.#run('rm', container);
    }
  }

  /** Returns how large an image is on disk, as the engine writes it. */
  async sizeOf(image: string): Promise<string> {
    return (await this.#run('images', '--format', '{{.Size}}', image)).trim();
  }

  async #run(...args: readonly string[]): Promise<string> {
    const { stdout } = await execute(this.name, args, { maxBuffer: 64 * 2 ** 20 }).catch((cause: { readonly stderr: string }) => {
      throw new LocalError(`${this.name} ${args.join(' ')}: ${cause.stderr}`, { cause });
    });
    return stdout;
  }
}
