import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, chownSync, constants, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { randomToken } from '../base/random.ts';

/** PostgreSQL serves no root: where tests run as root it gets this account, `nobody`. */
const unprivilegedId = 65_534;
const debianFolder = '/usr/lib/postgresql';
const startTimeoutMs = 30_000;

/** How a server ends: `fast` says goodbye to its clients, `immediate` is a crash. */
export type ShutdownMode = 'fast' | 'immediate';

/**
 * Why tests on PostgreSQL are skipped, or false where they run. Where the environment asks for all peers (`CI=true`,
 * `PARLEY_PEERS=required`) they run and fail.
 */
export function postgresMissing(): string | false {
  if (process.env.CI === 'true' || process.env.PARLEY_PEERS === 'required' || findBinaries() !== undefined) return false;
  return 'PostgreSQL is not installed: apt-get install postgresql';
}

/** A PostgreSQL server of one test file, with its data in a temporary folder; it dies with the process that started it. */
export class PostgresCluster {
  readonly port: number;
  /** Of the superuser `parley`. */
  readonly password: string;
  readonly #binaries: string;
  readonly #folder: string;
  #server: ChildProcess | undefined;
  #log = '';

  private constructor(binaries: string, port: number, password = randomToken(8)) {
    this.password = password;
    this.#binaries = binaries;
    this.port = port;
    // Not TMPDIR: a socket's path has about 100 characters at most.
    this.#folder = mkdtempSync('/tmp/parley-pg-');
  }

  /** Makes and starts a server; throws where PostgreSQL is not installed or does not start. */
  static async start(): Promise<PostgresCluster> {
    const binaries = findBinaries();
    if (binaries === undefined) throw new Error('PostgreSQL is missing: apt-get install postgresql');
    const cluster = new PostgresCluster(binaries, await freePort());
    try {
      cluster.#initialise();
      await cluster.startServer();
    } catch (fault) {
      await cluster.remove();
      throw fault;
    }
    return cluster;
  }

  /** A server that follows another one, in the same way of authentication; throws where it does not start. */
  static async standbyOf(primary: PostgresCluster): Promise<PostgresCluster> {
    const cluster = new PostgresCluster(primary.#binaries, await freePort(), primary.password);
    try {
      if (isRoot()) chownSync(cluster.#folder, unprivilegedId, unprivilegedId);
      chmodSync(cluster.#folder, 0o755);
      const from = `host=127.0.0.1 port=${primary.port} user=parley password=${primary.password}`;
      const copy = [join(cluster.#binaries, 'pg_basebackup'), '-R', '-D', cluster.#data, '-c', 'fast', '--no-sync', '-d', from];
      execFileSync('setpriv', [...unprivileged(), '--', ...copy], { cwd: '/', stdio: 'pipe', env: environment });
      await cluster.startServer();
    } catch (fault) {
      await cluster.remove();
      throw fault;
    }
    return cluster;
  }

  /** Makes a standby the one that is written to; resolves when it is. */
  promote(): void {
    this.sql('postgres', 'select pg_promote(true, 60)');
  }

  /** Address of a database over TCP, with the password. */
  url(database: string): string {
    return `postgres://parley:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** The same over the Unix socket. */
  socketUrl(database: string): string {
    return `postgres://parley:${this.password}@/${database}?host=${encodeURIComponent(this.#folder)}&port=${this.port}`;
  }

  /** Runs SQL as the superuser, by a program that is not under test; what it prints, unaligned. */
  sql(database: string, ...statements: readonly string[]): string {
    const commands = statements.flatMap(statement => ['-c', statement]);
    const args = ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', ...commands, this.url(database)];
    return execFileSync(join(this.#binaries, 'psql'), args, { encoding: 'utf8' }).trim();
  }

  /** Makes an empty database and gives its address. */
  createDatabase(name: string): string {
    this.sql('postgres', `create database ${name}`);
    return this.url(name);
  }

  async startServer(): Promise<void> {
    const settings = { listen_addresses: '127.0.0.1', port: this.port, unix_socket_directories: this.#folder, fsync: 'off' };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    // It goes with this process, however that ends.
    const program = ['--pdeathsig', 'QUIT', '--', join(this.#binaries, 'postgres'), '-D', this.#data, ...args];
    const server = spawn('setpriv', [...unprivileged(), ...program], {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment,
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string) => reject(new Error(`PostgreSQL ${what}: ${this.#log.slice(-2000)}`));
      const timer = setTimeout(() => fail('is not ready in time'), startTimeoutMs);
      const ended = () => fail('ended');
      server.once('error', reject);
      server.once('close', ended);
      server.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text;
        if (!/ready to accept (read-only )?connections/.test(text)) return;
        clearTimeout(timer);
        server.off('close', ended);
        resolve();
      });
    });
  }

  async stopServer(mode: ShutdownMode): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const closed = once(server, 'close');
    server.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await closed;
  }

  /** Stops the server and removes its data. */
  async remove(): Promise<void> {
    await this.stopServer('immediate');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  #initialise(): void {
    const passwordFile = join(this.#folder, 'password');
    writeFileSync(passwordFile, this.password);
    if (isRoot()) for (const path of [this.#folder, passwordFile]) chownSync(path, unprivilegedId, unprivilegedId);
    chmodSync(this.#folder, 0o755);
    const options = [
      '-U',
      'parley',
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
      '-E',
      'UTF8',
      '--locale',
      'C.UTF-8',
      '--no-sync',
    ];
    const program = [join(this.#binaries, 'initdb'), '-D', this.#data, ...options];
    execFileSync('setpriv', [...unprivileged(), '--', ...program], { cwd: '/', stdio: 'pipe', env: environment });
  }
}

/** What it says is read by this program, so it says it in English. */
const environment = { ...process.env, LC_ALL: 'C.UTF-8' };

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function unprivileged(): readonly string[] {
  return isRoot() ? [`--reuid=${unprivilegedId}`, `--regid=${unprivilegedId}`, '--clear-groups'] : [];
}

/** The folder of the newest installed version. */
function findBinaries(): string | undefined {
  const versions = listFolder(debianFolder).sort((a, b) => Number(b) - Number(a));
  const folders = [...versions.map(version => join(debianFolder, version, 'bin')), ...(process.env.PATH ?? '').split(delimiter)];
  return folders.find(folder => {
    try {
      for (const program of ['initdb', 'postgres', 'psql']) accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
