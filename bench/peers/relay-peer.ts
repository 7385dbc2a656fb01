import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProcess, startPinned, untilListening } from '../machine/pinned-process.ts';
import { freePort } from './free-port.ts';
import type { Peer, PeerStart, RunningPeer } from './peer.ts';
import { issuePeerCertificates, type PeerOrganisation } from './peer-certificates.ts';

const program = fileURLToPath(new URL('../bare-relay.ts', import.meta.url));
const hosts = ['127.0.0.41', '127.0.0.42'] as const;
const startMs = 10_000;

/** Two bare relays with a mutual TLS link between them. */
export const relayPeer: Peer = {
  name: 'relay',
  title: 'bare relay',
  obstacle: () => undefined,
  start: startRelays,
};

async function startRelays({ folder, pinning }: PeerStart): Promise<RunningPeer> {
  const organisations = await issuePeerCertificates(folder, ['a.relay.test', 'b.relay.test']);
  const [portA, portB, linkPort] = [await freePort(hosts[0]), await freePort(hosts[1]), await freePort(hosts[1])];
  const link = { host: hosts[1], port: linkPort };
  const children: ChildProcess[] = [];
  const start = async (organisation: PeerOrganisation, host: string, port: number, role: 'listen' | 'connect') => {
    const order = JSON.stringify({ ...organisation, host, port, link: { role, ...link } });
    const logFile = join(folder, `${organisation.domain}.log`);
    const child = startPinned(pinning.servers, [process.execPath, program, order], logFile);
    children.push(child);
    if (!(await untilListening(host, port, startMs, () => child.exitCode === null))) throw new Error(`no relay: see ${logFile}`);
  };
  await start(organisations[1], hosts[1], portB, 'listen');
  await start(organisations[0], hosts[0], portA, 'connect');
  const site = ({ domain, caFile }: PeerOrganisation, host: string, port: number) => ({
    host,
    port,
    serverName: domain,
    domain,
    caFile,
  });
  return {
    sites: [site(organisations[0], hosts[0], portA), site(organisations[1], hosts[1], portB)],
    greeting: 'pair',
    pids: count => (count === 1 ? [children[1]?.pid ?? 0] : children.map(child => child.pid ?? 0)),
    stop: async () => {
      await Promise.all(children.map(endProcess));
    },
  };
}
