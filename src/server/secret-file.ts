import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Text that only this server may read; made by `create` and kept the first time. Throws what the file system throws. */
export function secretFile(path: string, create: () => string): string {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = `${path}.new`;
    writeFileSync(temporary, create(), { mode: 0o600, flush: true });
    renameSync(temporary, path);
  }
  return readFileSync(path, 'utf8');
}
