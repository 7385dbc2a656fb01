import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ForeignProgram, ipProgram, isInstalled, unshareProgram } from './foreign-program.ts';
import { Interop } from './interop.ts';

const folderVariable = 'PARLEY_INTEROP_FOLDER';
const setupScript = fileURLToPath(new URL('namespace-setup.sh', import.meta.url));
/** No file of tests takes longer; whatever hangs is ended then, milliseconds. */
const longestMs = 120_000;

/** Processes of the namespace have their own ids: when the first one ends, for whatever reason, the kernel ends all others. */
const unshareOptions = ['--user', '--map-root-user', '--net', '--mount', '--pid', '--fork', '--kill-child'];

/** Whether missing programs are a failure, as in CI. */
export const programsRequired = process.env.CI === 'true' || process.env.PARLEY_PEERS === 'required';

/**
 * Runs a test file again in a network namespace of its own (D42) and there lets `define` register the tests: with a lab on the
 * well-known ports, and the lab's DNS for names. Without the programs the tests need, one line says which Debian package brings them.
 */
export async function inNamespace(
  testFile: string,
  programs: readonly ForeignProgram[],
  define: (interop: Interop) => void,
): Promise<void> {
  const inside = process.env[folderVariable];
  if (inside !== undefined) {
    // the runner outside holds the other end of stdin: when it is gone, so are we, and all that we started
    process.stdin.on('end', () => abandon(inside)).resume();
    (process.stdin as unknown as { unref(): void }).unref();
    define(new Interop(inside));
    return;
  }
  const folder = makeNamespaceFolder();
  try {
    const obstacle = obstacleTo(folder, programs);
    if (obstacle === undefined) process.exitCode = await runInside(folder, testFile);
    else if (programsRequired) test(`foreign clients: ${obstacle}`, () => Promise.reject(new Error(obstacle)));
    else test('foreign clients', { skip: obstacle });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Ends a run that nobody waits for any more. */
function abandon(folder: string): never {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } finally {
    process.exit(1);
  }
}

/** What keeps the tests from running here, in one line. */
function obstacleTo(folder: string, programs: readonly ForeignProgram[]): string | undefined {
  for (const { program, debianPackage } of [unshareProgram, ipProgram, ...programs]) {
    if (!isInstalled(program)) return `${program} is not installed: apt-get install ${debianPackage}`;
  }
  const tried = spawnSync(unshareProgram.program, [...unshareOptions, setupScript, folder, 'true'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `network namespaces cannot be made here: ${tried.stderr.trim().replaceAll('\n', ' ')}`;
}

/** The exit code of the test file inside. Its report goes where ours would go. */
async function runInside(folder: string, testFile: string): Promise<number> {
  const command = [...unshareOptions, setupScript, folder, process.execPath, testFile];
  const child = spawn(unshareProgram.program, command, {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, [folderVariable]: folder },
  });
  const end = () => child.kill('SIGKILL');
  const timer = setTimeout(() => {
    process.stderr.write(`${testFile} has not ended after ${longestMs / 1000} seconds\n`);
    end();
  }, longestMs);
  process.once('SIGTERM', end).once('SIGINT', end);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => {
      clearTimeout(timer);
      process.off('SIGTERM', end).off('SIGINT', end);
      resolve(code ?? 1);
    });
  });
}

/** A folder for all that the run writes, with the files that stand for those of /etc inside. */
function makeNamespaceFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-interop-'));
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  // sipsak and linphonec look up the name of the machine they run on
  writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost\n10.99.0.2 ${hostname()}\n`);
  // a machine's own resolver service would know nothing of the lab
  writeFileSync(join(folder, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  return folder;
}
