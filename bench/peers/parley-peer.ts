import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { contoso } from '../../src/lab/deployment-plan.ts';
import { RunningLab } from '../../src/lab/running-lab.ts';
import type { AppliedCount } from '../../src/replication/snapshot-pusher.ts';
import { FrontEndServerConfiguration } from '../../src/server/server-configuration.ts';
import { endProcess, pinRunning, startPinned, timeStart, untilListening } from '../machine/pinned-process.ts';
import { readProcessUsage, readPss } from '../machine/process-usage.ts';
import type { TimedOutcome } from '../timed-outcome.ts';
import { type LabFile, type LabFileOrganisation, pidsOf, siteOf } from './lab-file-sites.ts';
import type { Peer, PeerStart, RunningPeer, StartTrial } from './peer.ts';

/** As an admin starts it: the program finds what the engine compiled at an earlier start. */
const program = fileURLToPath(new URL('../../parley', import.meta.url));
const startMs = 30_000;

/** The two organisations of the lab: a Front End and an Edge each, which find each other by DNS. */
export const parleyPeer: Peer = {
  name: 'parley',
  title: 'Parley',
  obstacle: scale =>
    (scale?.workers ?? 1) > 1 && !('workers' in FrontEndServerConfiguration.shape)
      ? 'the configuration of a Front End has no "workers" yet'
      : undefined,
  start: options => (options.scale.workers > 1 ? startWorkers(options) : startBoth(options)),
  prepareStart,
};

async function startBoth(options: PeerStart): Promise<RunningPeer> {
  const { lab, file } = await startLab(options);
  const [home, away] = file.orgs as [LabFileOrganisation, LabFileOrganisation];
  // The start may use every processor, what is measured may not.
  pinRunning(options.pinning.servers, file.orgs.flatMap(pidsOf));
  let changes = 0;
  return {
    sites: [siteOf(home, file.ca), siteOf(away, file.ca)],
    greeting: 'register',
    pids: count => (count === 1 ? pidsOf(home) : file.orgs.flatMap(pidsOf)),
    change: () => timeChange(lab, pidsOf(home), `change${++changes}.example`),
    stop: () => lab.stop(false),
  };
}

async function startLab({ folder, scale }: PeerStart): Promise<{ readonly lab: RunningLab; readonly file: LabFile }> {
  const dir = join(folder, 'lab');
  const options = { dir, trustFiles: [], ports: 'free', load: { users: scale.users, domains: scale.domains } } as const;
  const started = await RunningLab.start(options, systemClock, problem =>
    process.stderr.write(`${problem.text} ${problem.fix}\n`),
  );
  if (!started.ok) throw new Error(`${started.error.failure.text} ${started.error.failure.fix}`);
  const lab = started.value;
  return { lab, file: JSON.parse(readFileSync(lab.folder.labFile, 'utf8')) as LabFile };
}

/** The command ends when the Edge has acknowledged the new configuration. */
async function timeChange(lab: RunningLab, pids: readonly number[], identity: string): Promise<TimedOutcome> {
  const before = readProcessUsage(pids).cpuSeconds;
  const beginMs = performance.now();
  const changed = await lab.client(contoso).run({ command: 'New-CsAllowedDomain', parameters: { identity } });
  const seconds = (performance.now() - beginMs) / 1000;
  if (!changed.ok) throw new Error(changed.error.text);
  const { applied } = changed.value as { readonly applied?: AppliedCount };
  if (applied === undefined || applied.of === 0 || applied.applied < applied.of)
    throw new Error('the Edge did not acknowledge in time');
  const after = readProcessUsage(pids);
  return { seconds, cpuSeconds: after.cpuSeconds - before, pssMegabytes: readPss(after.pids) / 1024 };
}

/** A Front End that has all its users and domains already. */
async function prepareStart(options: PeerStart): Promise<StartTrial> {
  const { command, site } = await prepareFrontEnd(options);
  const at = { host: site.host, port: site.port, logFile: join(options.folder, 'log') };
  return { run: () => timeStart(options.pinning.servers, command, at) };
}

/** One Front End alone with several processes: enough for what its users say among themselves. */
async function startWorkers(options: PeerStart): Promise<RunningPeer> {
  const { command, site, configurationFile } = await prepareFrontEnd(options);
  appendFileSync(configurationFile, `workers: ${options.scale.workers}\n`);
  const child = startPinned('', command, join(options.folder, 'log'));
  if (!(await untilListening(site.host, site.port, startMs, () => child.exitCode === null))) {
    await endProcess(child);
    throw new Error(`no Front End: see ${join(options.folder, 'log')}`);
  }
  return { sites: [site, site], greeting: 'register', pids: () => [child.pid ?? 0], stop: () => endProcess(child) };
}

async function prepareFrontEnd(options: PeerStart) {
  const { lab, file } = await startLab(options);
  const configurationFile = join(lab.folder.serverFolder(contoso, 'frontend'), 'server.yaml');
  const site = siteOf(file.orgs[0] as LabFileOrganisation, file.ca);
  await lab.stop(true);
  return { command: [program, 'serve', '--config', configurationFile], site, configurationFile };
}
