import { readFileSync } from 'node:fs';
import type { LabUnderTest } from '../support/lab-under-test.ts';
import { logEvents } from '../support/server-log.ts';
import { readCorpus } from './corpus-file.ts';
import { RandomSource } from './random-source.ts';
import type { ServerState } from './server-state.ts';

/** Everything that was sent on one connection. */
export type FuzzSession = readonly string[];

/**
 * Memory no server of the lab may exceed, whatever it is sent. Far above the 40 MB that are in use: TLS sessions and certificates are
 * native memory that is given back late, 500 MB of it after a minute of nothing but new mutual TLS connections.
 */
const maxResidentBytes = 1024 * 1024 * 1024;
const sessionsAtOnce = 4;
const sessionsPerCheck = 80;
const endTimeoutMs = 15_000;

/** What a run against a server found: the sessions among which the cause is. */
export interface ServerFinding {
  readonly problem: string;
  readonly sessions: readonly FuzzSession[];
}

/** Fuzzes one state until the time is up or the servers are no longer well. */
export async function fuzzServer(
  health: ServerHealth,
  state: ServerState,
  seed: number,
  seconds: number,
): Promise<{ readonly finding: ServerFinding | undefined; readonly inputs: number }> {
  const random = new RandomSource(seed);
  const seeds = [...state.seeds, ...readCorpus(state.corpus).map(entry => entry.input)];
  const end = performance.now() + seconds * 1000;
  let inputs = 0;
  while (performance.now() < end) {
    const sessions = Array.from({ length: sessionsPerCheck }, () =>
      Array.from({ length: 1 + random.integer(10) }, () => state.next(random, seeds)),
    );
    const waiting = [...sessions];
    const works = Array.from({ length: sessionsAtOnce }, async () => {
      for (let next = waiting.pop(); next !== undefined && performance.now() < end; next = waiting.pop()) {
        inputs += next.length;
        await playSession(state, next, random);
      }
    });
    const played = await Promise.allSettled(works);
    const failed = played.find(work => work.status === 'rejected');
    const problem = (await health.problem()) ?? (failed === undefined ? undefined : String(failed.reason));
    if (problem !== undefined) return { finding: { problem, sessions }, inputs };
  }
  return { finding: undefined, inputs };
}

/** Sends all of a session in pieces, ends our side and waits until the server has closed. */
export async function playSession(state: ServerState, session: FuzzSession, random: RandomSource): Promise<void> {
  const client = await state.open(random);
  try {
    for (const input of session) {
      const cut = random.once(2) ? random.integer(input.length + 1) : input.length;
      client.write(input.slice(0, cut));
      if (cut < input.length) {
        await turn();
        client.write(input.slice(cut));
      }
      if (random.once(3)) await turn();
      if (client.closed) break;
    }
    if (!(await client.finish(endTimeoutMs))) throw new Error('the server does not close a connection that its peer has ended');
  } finally {
    client.close();
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** Are the servers of a lab as they should be? */
export class ServerHealth {
  readonly #lab: LabUnderTest;
  readonly #send: () => Promise<string | undefined>;
  /** The most memory a server was seen to use. */
  residentBytes = 0;

  private constructor(lab: LabUnderTest, send: () => Promise<string | undefined>) {
    this.#lab = lab;
    this.#send = send;
  }

  /** Signs adam and bob in, whose messages have to go through whatever else happens. */
  static async of(lab: LabUnderTest): Promise<ServerHealth> {
    const adam = await lab.signIn('contoso', 'adam@contoso.test');
    await lab.signIn('lynconline', 'bob@fabrikam.test');
    return new ServerHealth(lab, async () => {
      const sent = await adam.sendMessage('bob@fabrikam.test', 'still there?');
      if (!sent.ok) return sent.error.text;
      return sent.value.status === 200 ? undefined : `a message across the federation is answered ${sent.value.status}`;
    });
  }

  /** What is wrong: a server gone, too much memory, a fault in a log, or a normal request that is not served. */
  async problem(): Promise<string | undefined> {
    for (const name of ['contoso', 'lynconline'] as const) {
      for (const [role, pids] of Object.entries(this.#lab.organisation(name).pids)) {
        const resident = Math.max(...(pids as readonly number[]).map(residentBytesOf));
        this.residentBytes = Math.max(this.residentBytes, resident);
        if (resident === 0) return `${role} of ${name} is gone`;
        if (resident > maxResidentBytes) return `${role} of ${name} uses ${Math.round(resident / 1024 / 1024)} MB`;
      }
      for (const role of ['frontend', 'edge'] as const) {
        const [fault] = logEvents(this.#lab.log(name, role), 'fault');
        if (fault !== undefined) return `${role} of ${name} met a fault at ${String(fault.msg)}: ${String(fault.error)}`;
      }
    }
    return this.#send();
  }
}

function residentBytesOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
