import { statSync } from 'node:fs';
import { type Failure, failure } from '../../base/failure.ts';

/**
 * The files of an open database. SQLite goes on with files that were removed or replaced under it, and what it writes there is gone with the
 * process: so each group of writes asks whether the path still leads to them.
 */
export class OpenFiles {
  readonly #path: string;
  readonly #database: string | undefined;
  /** The write-ahead log, made with the first write and then kept while the database is open. */
  #log: string | undefined;

  /** Of a database that has just been opened. */
  constructor(path: string) {
    this.#path = path;
    this.#database = identityOf(path);
    this.#log = identityOf(logOf(path));
  }

  /** DATABASE_GONE when the path leads elsewhere by now. */
  get problem(): Failure | undefined {
    const database = identityOf(this.#path);
    if (database !== this.#database) return gone(this.#path, database);
    const log = identityOf(logOf(this.#path));
    this.#log ??= log;
    return log === this.#log ? undefined : gone(logOf(this.#path), log);
  }
}

function logOf(path: string): string {
  return `${path}-wal`;
}

/** Device and inode; undefined where there is no file, or none that can be looked at. */
function identityOf(path: string): string | undefined {
  try {
    const file = statSync(path, { throwIfNoEntry: false });
    return file && `${file.dev} ${file.ino}`;
  } catch {
    return undefined;
  }
}

function gone(path: string, found: string | undefined): Failure {
  return failure('DATABASE_GONE', { path, what: found === undefined ? 'removed' : 'replaced' });
}
