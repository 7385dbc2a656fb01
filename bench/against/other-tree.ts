import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that runs this program. */
export const ownRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Another commit of the project in a folder of its own, ready to run. */
export interface OtherTree {
  readonly root: string;
  /** Short, as git abbreviates it. */
  readonly commit: string;
  /** Takes the folder away again. */
  remove(): void;
}

/** Checks a commit out beside this one and brings its locked dependencies. Throws with what git or npm said where that fails. */
export function checkOutTree(commit: string): OtherTree {
  const found = spawnSync('git', ['rev-parse', '--verify', '--quiet', '--short', `${commit}^{commit}`], {
    cwd: ownRoot,
    encoding: 'utf8',
  });
  if (found.status !== 0) throw new Error(`--against: there is no commit "${commit}" in ${ownRoot}.`);
  const root = mkdtempSync(join(tmpdir(), 'parley-against-'));
  const remove = () => {
    spawnSync('git', ['worktree', 'remove', '--force', root], { cwd: ownRoot, stdio: 'ignore' });
    rmSync(root, { recursive: true, force: true });
    spawnSync('git', ['worktree', 'prune'], { cwd: ownRoot, stdio: 'ignore' });
  };
  try {
    execFileSync('git', ['worktree', 'add', '--quiet', '--force', '--detach', root, commit], { cwd: ownRoot, stdio: 'pipe' });
    if (sameLock(root)) spawnSync('cp', ['-a', `${ownRoot}node_modules`, root], { stdio: 'ignore' });
    execFileSync(process.execPath, ['tools/install.mjs'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (thrown) {
    remove();
    throw new Error(`--against: ${commit} cannot be made ready: ${(thrown as Error).message}`, { cause: thrown });
  }
  return { root, commit: found.stdout.trim(), remove };
}

function sameLock(root: string): boolean {
  const lockOf = (folder: string) => readFileSync(join(folder, 'package-lock.json'), 'utf8');
  return lockOf(root) === lockOf(ownRoot);
}
