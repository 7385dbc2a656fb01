import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { LabUnderTest, OrganisationName } from './lab-under-test.ts';

/** Which worker of a Front End holds which connection, as the system tells: nothing of it is seen in SIP. */
export class WorkerPlaces {
  readonly #lab: LabUnderTest;
  readonly #name: OrganisationName;

  constructor(lab: LabUnderTest, name: OrganisationName) {
    this.#lab = lab;
    this.#name = name;
  }

  /** The processes by slot, each as it was started last. */
  get pids(): ReadonlyMap<number, number> {
    const [first = 0] = this.#lab.organisation(this.#name).pids.frontEnd;
    const pids = new Map([[0, first]]);
    for (const line of this.#lab.log(this.#name, 'frontend').split('\n')) {
      if (!line.includes('"worker-serving"')) continue;
      const { worker, pid } = JSON.parse(line) as { readonly worker: number; readonly pid: number };
      pids.set(worker, pid);
    }
    return pids;
  }

  /** The clients' connections over TLS that each worker holds, by slot. */
  held(): ReadonlyMap<number, ReadonlySet<string>> {
    const { tlsPort } = this.#lab.organisation(this.#name).frontEnd;
    const open = establishedOn(tlsPort);
    return new Map([...this.pids].map(([slot, pid]) => [slot, new Set(socketsOf(pid).filter(inode => open.has(inode)))]));
  }

  /**
   * Connects until the connection is one of the given worker; those of others are given to `giveUp`. Nobody else may connect meanwhile.
   */
  async connectTo<C>(slot: number, connect: () => Promise<C>, giveUp: (connection: C) => void): Promise<C> {
    for (;;) {
      const before = this.held().get(slot) ?? new Set();
      const connection = await connect();
      const after = this.held().get(slot) ?? new Set();
      if ([...after].some(inode => !before.has(inode))) return connection;
      giveUp(connection);
    }
  }
}

/** Inodes of the sockets that are connected to a port of ours. */
function establishedOn(port: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === '01' && inode !== undefined && Number.parseInt(local.split(':')[1] ?? '', 16) === port) inodes.add(inode);
  }
  return inodes;
}

function socketsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap(fd => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [];
    } catch {
      // closed meanwhile
      return [];
    }
  });
}
