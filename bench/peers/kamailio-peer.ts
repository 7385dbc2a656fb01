import type { ChildProcess } from 'node:child_process';
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, hasProgram, startPinned, timeStart, untilListening } from '../machine/pinned-process.ts';
import { freePort } from './free-port.ts';
import { makeKamailioDatabase } from './kamailio-database.ts';
import { type KamailioSettings, kamailioSettings, kamailioTlsSettings } from './kamailio-settings.ts';
import type { Peer, PeerStart, RunningPeer } from './peer.ts';
import { issuePeerCertificates, type PeerOrganisation } from './peer-certificates.ts';

/** Debian's packages, each with something that shows it is there. */
const packages = {
  kamailio: '/usr/share/kamailio/db_sqlite/standard-create.sql',
  'kamailio-tls-modules': '/usr/lib/*/kamailio/modules/tls.so',
  'kamailio-presence-modules': '/usr/lib/*/kamailio/modules/presence.so',
  'kamailio-sqlite-modules': '/usr/lib/*/kamailio/modules/db_sqlite.so',
} as const;
const hosts = ['127.0.0.31', '127.0.0.32'] as const;
const startMs = 30_000;

/** Two Kamailios that federate over mutual TLS. */
export const kamailioPeer: Peer = {
  name: 'kamailio',
  title: 'Kamailio',
  // how it was measured when the bars were set against it
  freshWarmSeconds: 1,
  obstacle: kamailioObstacle,
  start: startKamailios,
  async prepareStart(options) {
    const [first] = (await prepareKamailios(options)) as [KamailioSettings];
    const at = { host: first.host, port: first.userPort, logFile: join(options.folder, 'log') };
    return { run: () => timeStart(options.pinning.servers, kamailioCommand(first), at) };
  },
};

/** The settings of both, with ports chosen and databases made. */
async function prepareKamailios({ folder, scale }: Pick<PeerStart, 'folder' | 'scale'>): Promise<readonly KamailioSettings[]> {
  const organisations = await issuePeerCertificates(folder, ['a.kamailio.test', 'b.kamailio.test']);
  const settingsOf = async (organisation: PeerOrganisation, host: string): Promise<KamailioSettings> => {
    const home = join(folder, organisation.domain);
    mkdirSync(home, { recursive: true });
    return {
      organisation,
      host,
      userPort: await freePort(host),
      partnerPort: await freePort(host),
      databaseFile: join(home, 'kamailio.db'),
      tlsFile: join(home, 'tls.cfg'),
      presence: scale.presence,
      workers: 2,
    };
  };
  const both = [await settingsOf(organisations[0], hosts[0]), await settingsOf(organisations[1], hosts[1])];
  both.forEach((settings, i) => {
    const { organisation, host, partnerPort } = both[1 - i] as KamailioSettings;
    const partner = { domain: organisation.domain, address: `${host}:${partnerPort}` };
    makeKamailioDatabase(settings.databaseFile, { domain: settings.organisation.domain, ...scale, partner });
    writeFileSync(settings.tlsFile, kamailioTlsSettings(settings));
    writeFileSync(configurationFile(settings), kamailioSettings(settings));
  });
  return both;
}

/** The command that runs one. Its fast memory manager is chosen: Debian's default is the slower one for debugging. */
function kamailioCommand(settings: KamailioSettings): readonly string[] {
  const home = join(settings.databaseFile, '..');
  const memory = ['-x', 'fm', '-X', 'fm', '-m', '2048', '-M', '64'];
  return ['kamailio', ...memory, '-DD', '-E', '-f', configurationFile(settings), '-Y', home];
}

async function startKamailios(options: PeerStart): Promise<RunningPeer> {
  const both = await prepareKamailios(options);
  const children: ChildProcess[] = [];
  const stop = async () => {
    await Promise.all(children.map(endProcess));
  };
  for (const settings of both) {
    const logFile = join(settings.databaseFile, '..', 'log');
    const child = startPinned(options.pinning.servers, kamailioCommand(settings), logFile);
    children.push(child);
    const isUp = await untilListening(settings.host, settings.userPort, startMs, () => child.exitCode === null);
    if (isUp) continue;
    await stop();
    throw new Error(`Kamailio does not listen: see ${logFile}`);
  }
  const site = ({ organisation, host, userPort }: KamailioSettings) => {
    const { domain, caFile } = organisation;
    return { host, port: userPort, serverName: domain, domain, caFile };
  };
  const [first, second] = both as [KamailioSettings, KamailioSettings];
  return {
    sites: [site(first), site(second)],
    greeting: 'register',
    pids: count => children.slice(0, count).map(child => child.pid ?? 0),
    stop,
  };
}

function kamailioObstacle(): string | undefined {
  const missing = Object.entries(packages).flatMap(([name, sign]) => (globSync(sign).length === 0 ? [name] : []));
  if (missing.length === 0 && hasProgram('kamailio') && existsSync('/proc')) return undefined;
  return `not installed (apt-get install ${missing.join(' ') || 'kamailio'})`;
}

function configurationFile({ databaseFile }: KamailioSettings): string {
  return join(databaseFile, '..', 'kamailio.cfg');
}
