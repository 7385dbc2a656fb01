import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pinRunning, timeStart } from '../machine/pinned-process.ts';
import { type LabFile, type LabFileOrganisation, pidsOf, siteOf } from '../peers/lab-file-sites.ts';
import type { Peer, PeerName, PeerStart, RunningPeer, StartTrial } from '../peers/peer.ts';

const startMs = 120_000;
const stopMs = 20_000;

/** Parley as the program of a folder runs it: driven by its command line alone, so that it may be any commit. */
export function treePeer(name: PeerName, title: string, root: string): Peer {
  return {
    name,
    title,
    obstacle: () => undefined,
    start: options => startTree(root, options),
    prepareStart: options => prepareStart(root, options),
  };
}

interface StartedLab {
  readonly file: LabFile;
  readonly folder: string;
  stop(): Promise<void>;
}

async function startTree(root: string, options: PeerStart): Promise<RunningPeer> {
  const { file, stop } = await startLab(root, options);
  const [home, away] = file.orgs as [LabFileOrganisation, LabFileOrganisation];
  pinRunning(options.pinning.servers, file.orgs.flatMap(pidsOf));
  return {
    sites: [siteOf(home, file.ca), siteOf(away, file.ca)],
    greeting: 'register',
    pids: count => (count === 1 ? pidsOf(home) : file.orgs.flatMap(pidsOf)),
    stop,
  };
}

/** A Front End that has all its users and domains already. */
async function prepareStart(root: string, options: PeerStart): Promise<StartTrial> {
  const { file, folder, stop } = await startLab(root, options);
  await stop();
  const [home] = file.orgs as [LabFileOrganisation];
  const { host, port } = siteOf(home, file.ca);
  const command = [join(root, 'parley'), 'serve', '--config', join(folder, home.name, 'frontend', 'server.yaml')];
  const at = { host, port, logFile: join(options.folder, 'log') };
  return { run: () => timeStart(options.pinning.servers, command, at) };
}

async function startLab(root: string, { folder, scale }: PeerStart): Promise<StartedLab> {
  const dir = join(folder, 'lab');
  const load = ['--load-users', String(scale.users), '--load-domains', String(scale.domains)];
  const child = spawn(join(root, 'parley'), ['lab', '--dir', dir, '--json', ...load], { stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  const labFile = await readyFile(child);
  if (labFile === undefined) {
    child.kill('SIGKILL');
    throw new Error(`the lab of ${root} did not come up: ${words.trim().slice(0, 2000)}`);
  }
  return { file: JSON.parse(readFileSync(labFile, 'utf8')) as LabFile, folder: dir, stop: () => stopLab(child) };
}

/** The path of `lab.json` once programs may use the lab; undefined where it ended before, or took too long. */
function readyFile(child: ChildProcess): Promise<string | undefined> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(undefined), startMs);
    const settle = (file: string | undefined) => {
      clearTimeout(timer);
      resolve(file);
    };
    child.once('exit', () => settle(undefined));
    if (child.stdout === null) return settle(undefined);
    createInterface({ input: child.stdout }).on('line', line => {
      const { event, labFile } = JSON.parse(line) as { readonly event: string; readonly labFile?: string };
      if (event === 'ready') settle(labFile);
    });
  });
}

async function stopLab(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(timer);
}
