import { statSync } from 'node:fs';
import type { Clock, Timer } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import type { Metric } from '../observe/metrics.ts';
import type { ServerLog } from '../observe/server-log.ts';

/** Files are looked at this often, milliseconds. What has changed is read when it has stood still for one more look: a key follows its certificate. */
const periodMs = 10_000;

/** Reads what the files hold now and uses it; on a failure what was used before goes on. */
type Taker = () => Promise<Result<void>>;

interface Watched {
  readonly files: readonly string[];
  readonly take: Taker;
  /** What the files were when they were read last. */
  read: string;
  /** What they were at the last look. */
  seen: string;
  /** Why what they hold is not used. */
  refused: string | undefined;
}

/**
 * Keeps the certificates in memory those of the files: they are read again when the files change, and used for every connection from then on.
 * What is no good is said, and the former goes on.
 */
export class CertificateWatch {
  readonly #log: Pick<ServerLog, 'event' | 'failure'>;
  readonly #watched = new Map<string, Watched>();
  readonly #timer: Timer;

  constructor(clock: Clock, log: Pick<ServerLog, 'event' | 'failure'>) {
    this.#log = log;
    this.#timer = clock.every(periodMs, () => void this.look());
  }

  /** Watches files that have just been read; `name` is their key in the configuration file. */
  keep(name: string, files: readonly string[], take: Taker): void {
    const read = stampOf(files);
    this.#watched.set(name, { files, take, read, seen: read, refused: undefined });
  }

  /** What is not used of what the files hold, one sentence each. */
  get problems(): readonly string[] {
    return [...this.#watched.values()].flatMap(({ refused }) => refused ?? []);
  }

  /** For metrics. */
  get metric(): Metric {
    return {
      name: 'parley_certificate_files_refused',
      type: 'gauge',
      help: '1 where the files of a certificate changed and what they hold now cannot be used, else 0; the former one goes on.',
      read: () =>
        [...this.#watched].map(([certificate, { refused }]) => ({
          labels: { certificate },
          value: refused === undefined ? 0 : 1,
        })),
    };
  }

  /** Looks at all files once; resolves when what has changed is used or refused. */
  async look(): Promise<void> {
    for (const [name, watched] of this.#watched) await this.#lookAt(name, watched);
  }

  close(): void {
    this.#timer.cancel();
  }

  async #lookAt(name: string, watched: Watched): Promise<void> {
    const now = stampOf(watched.files);
    const isStill = now === watched.seen;
    watched.seen = now;
    if (now === watched.read || !isStill) return;
    watched.read = now;
    const taken = await watched.take();
    if (taken.ok) this.#log.event('certificate-renewed', { certificate: name });
    else this.#log.failure('certificate-not-renewed', taken.error);
    watched.refused = taken.ok
      ? undefined
      : `The changed files of "${name}" are not used, the former ones are: ${taken.error.text}`;
  }
}

/** Changes with the files: which they are, how long, when they were written. */
function stampOf(files: readonly string[]): string {
  return files.map(stampOfFile).join('|');
}

function stampOfFile(file: string): string {
  try {
    const { dev, ino, size, mtimeMs } = statSync(file);
    return `${dev} ${ino} ${size} ${mtimeMs}`;
  } catch (cause) {
    // whoever reads it then says what is wrong with it
    return String((cause as NodeJS.ErrnoException).code);
  }
}
