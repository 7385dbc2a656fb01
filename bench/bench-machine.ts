import { execFileSync } from 'node:child_process';
import { arch, cpus, release, totalmem } from 'node:os';
import { productVersion } from '../src/server/product-version.ts';
import type { BenchMachine } from './bench-results.ts';
import type { PeerName } from './peers/peer.ts';

/** What the figures of this run are from; `otherCommit`: what the peer `other` is. */
export function describeMachine(peers: readonly PeerName[], otherCommit = ''): BenchMachine {
  const versions: Readonly<Record<PeerName, () => string>> = {
    parley: () => productVersion,
    kamailio: () => /kamailio (\S+)/.exec(execFileSync('kamailio', ['-v'], { encoding: 'utf8' }))?.[1] ?? '',
    other: () => otherCommit,
    relay: () => `on Node ${process.versions.node}`,
  };
  return {
    processor: `${cpus()[0]?.model ?? 'unknown'} (${arch()})`,
    processors: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    openssl: process.versions.openssl,
    versions: Object.fromEntries(peers.map(peer => [peer, versions[peer]()])),
  };
}
