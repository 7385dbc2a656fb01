import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, constants, mkdirSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { killAtOnce } from '../support/process-end.ts';
import { logEvents } from '../support/server-log.ts';
import { until } from '../support/until.ts';

const mainFile = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

let lab: LabUnderTest;
let folder: string;
let configuration: string;
let healthPort: number;

before(async () => {
  lab = await LabUnderTest.start();
  folder = lab.serverFolder('contoso', 'frontend');
  configuration = join(folder, 'server.yaml');
  healthPort = await freePort();
  appendFileSync(configuration, `metrics: { port: ${healthPort} }\n`);
  await killAtOnce(lab.organisation('contoso').pids.frontEnd[0] as number);
});
after(async () => {
  await assertAtRest(lab);
  await lab?.stop();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function get(path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${healthPort}${path}`, { signal: AbortSignal.timeout(5_000) });
  assert.equal(answer.status, 200, path);
  return answer.text();
}

/** The Front End with its standard output and error at a file descriptor of ours. */
async function serveInto(t: TestContext, descriptor: number, before: readonly string[] = []): Promise<ChildProcess> {
  const command = [...before, process.execPath, mainFile, 'serve', '--config', configuration];
  const server = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', descriptor, descriptor] });
  t.after(async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'close');
    }
  });
  await until('the Front End to listen', () => get('/healthz').catch(() => undefined), 30_000);
  return server;
}

/** What any stranger can do to have a line written: a connection to the TLS port that speaks no TLS. */
async function provokeLines(count: number): Promise<void> {
  const { host, tlsPort } = lab.organisation('contoso').frontEnd;
  for (let n = 0; n < count; n++) {
    const socket = connect({ host, port: tlsPort, localAddress: `127.0.9.${1 + (n % 100)}` });
    socket.on('error', () => {});
    socket.end('MESSAGE sip:nobody SIP/2.0\r\n\r\n');
    await once(socket.resume(), 'close');
  }
}

/** While nothing can be logged, users sign in, and whoever watches the server is told. */
async function servesWithoutLog(server: ChildProcess, problem: RegExp): Promise<void> {
  await provokeLines(10);
  await get('/healthz');
  assert.match(await get('/readyz'), problem);
  assert.match(await get('/metrics'), /^parley_log_waiting_bytes [1-9]/m);
  const alice = await lab.signIn('contoso', 'alice@contoso.test');
  alice.close();
  assert.deepEqual([server.exitCode, server.signalCode], [null, null]);
}

test('a log on a full device costs its lines and nothing else', async t => {
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const server = await serveInto(t, full);
  await servesWithoutLog(server, /The log cannot be written: no space is left on the disk/);
  server.kill('SIGTERM');
  await once(server, 'close');
  assert.equal(server.exitCode, 0);
});

test('a log that nobody reads stops nothing, and goes on when somebody does', async t => {
  const path = join(folder, 'log.pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const writer = openSync(path, 'w');
  t.after(() => {
    closeSync(reader);
    closeSync(writer);
    rmSync(path);
  });
  fill(reader);
  const server = await serveInto(t, writer);
  await servesWithoutLog(server, /The log cannot be written: its reader does not read/);
  let log = '';
  await until('the lines that waited', () => {
    log += drain(reader);
    return logEvents(log.replaceAll('.', ''), 'client-turned-away').length === 10 || undefined;
  });
  await until('the log to be as it should', async () => !(await get('/readyz')).includes('log') || undefined);
});

function fill(descriptor: number): void {
  for (const size of [4096, 1]) while (attempt(() => writeSync(descriptor, '.'.repeat(size)), 0) > 0);
}

function drain(descriptor: number): string {
  const buffer = Buffer.alloc(65_536);
  let text = '';
  for (let count = 1; count > 0; ) {
    count = attempt(() => readSync(descriptor, buffer), 0);
    text += buffer.toString('utf8', 0, count);
  }
  return text;
}

function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EAGAIN') throw cause;
    return otherwise;
  }
}

const mayMount = (() => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test('a log on a disk that is full goes on when there is room again', {
  skip: mayMount ? false : 'mounting a small disk needs root',
}, async t => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const script = `mount -t tmpfs -o size=64k none ${disk} && head -c 1000000 /dev/zero >${disk}/filler; exec "$@" >${disk}/log 2>&1`;
  const ignored = openSync('/dev/null', 'w');
  t.after(() => closeSync(ignored));
  const server = await serveInto(t, ignored, ['unshare', '-m', 'sh', '-c', script, 'sh']);
  await servesWithoutLog(server, /The log cannot be written: no space is left on the disk/);
  const seen = `/proc/${server.pid}/root${disk}`;
  rmSync(join(seen, 'filler'));
  await until('the lines that waited', () => {
    const lines = logEvents(readFileSync(join(seen, 'log'), 'utf8'), 'client-turned-away');
    return lines.length === 10 || undefined;
  });
});
