import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { createPeerPathVerifier, type PeerPathVerifier } from '../../src/certificates/peer-path.ts';
import { parseTrustStore } from '../../src/certificates/trust-store.ts';
import { ServerProcess } from '../../src/lab/lab-processes.ts';
import { type CommandAnswer, ManagementClient } from '../../src/lab/management-client.ts';
import { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { labLogin } from './lab-login.ts';

/** The two organisations of the lab. */
export type OrganisationName = 'contoso' | 'lynconline';

/** The two servers of each. */
export type ServerRole = 'frontend' | 'edge';

/** What the tests need of one organisation in `lab.json`. */
export interface LabOrganisationFile {
  readonly name: OrganisationName;
  readonly pids: { readonly frontEnd: readonly number[]; readonly edge: readonly number[] };
  readonly frontEnd: { readonly fqdn: string; readonly host: string; readonly tlsPort: number; readonly wssUrl: string };
  readonly edge: { readonly fqdn: string; readonly host: string; readonly federationPort: number; readonly metricsUrl: string };
  readonly api: { readonly url: string; readonly token: string };
}

/** The part of `lab.json` that the tests use. */
export interface LabFile {
  /** Path of the CA certificate. */
  readonly ca: string;
  readonly orgs: readonly LabOrganisationFile[];
}

/** A certificate for a partner that is no organisation of the lab, PEM. */
export interface PartnerIdentity {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Flags of every lab, as in `PARLEY_LAB_FLAGS="--workers 2" node --test test/attacks/*.test.ts`. */
const everyLab = (process.env.PARLEY_LAB_FLAGS ?? '').split(' ').filter(flag => flag !== '');
const launcher = fileURLToPath(new URL('../../parley', import.meta.url));
const readyTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;

/** A lab that `parley lab` runs for one test file, in a folder of its own. */
export class LabUnderTest {
  readonly #base: string;
  readonly #process: ChildProcess;
  readonly #endpoints: TestEndpoint[] = [];
  readonly #startedAgain: ServerProcess[] = [];
  readonly #killAtExit = () => this.#process.kill('SIGKILL');
  #file: LabFile | undefined;
  #verifier: PeerPathVerifier | undefined;

  private constructor(base: string, zoneFile: string, flags: readonly string[]) {
    this.#base = base;
    this.#process = spawn(launcher, ['lab', '--json', '--dir', this.folder, '--zone', zoneFile, ...everyLab, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // a lab that is killed takes its servers with it
    process.once('exit', this.#killAtExit);
    process.once('SIGTERM', exitOnSignal);
  }

  /** Starts a lab with these records in its zone file and these flags; resolves when it is ready for programs. */
  static async start(zone: readonly string[] = [], flags: readonly string[] = []): Promise<LabUnderTest> {
    const base = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
    const zoneFile = join(base, 'zone.txt');
    writeFileSync(zoneFile, zoneText(zone));
    const lab = new LabUnderTest(base, zoneFile, flags);
    try {
      await lab.#untilReady();
    } catch (fault) {
      await lab.stop();
      throw fault;
    }
    lab.#file = JSON.parse(readFileSync(join(lab.folder, 'lab.json'), 'utf8')) as LabFile;
    const trust = parseTrustStore(readFileSync(lab.file.ca, 'utf8'), lab.file.ca);
    if (!trust.ok) throw new Error(trust.error.text);
    lab.#verifier = createPeerPathVerifier(trust.value, systemClock);
    return lab;
  }

  /** All state of the lab. */
  get folder(): string {
    return join(this.#base, 'lab');
  }

  get file(): LabFile {
    if (this.#file === undefined) throw new Error('the lab has not started');
    return this.#file;
  }

  organisation(name: OrganisationName): LabOrganisationFile {
    const found = this.file.orgs.find(organisation => organisation.name === name);
    if (found === undefined) throw new Error(`the lab has no ${name}`);
    return found;
  }

  /** The management API of an organisation. */
  client(name: OrganisationName): ManagementClient {
    const { url, token } = this.organisation(name).api;
    return new ManagementClient(name, url, token);
  }

  /** Runs a command that has to succeed; a change is applied on all servers when this resolves. */
  async run(name: OrganisationName, command: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<CommandAnswer> {
    const answer = await this.client(name).run({ command, parameters });
    if (!answer.ok) throw new Error(`${command}: ${answer.error.text}`);
    const applied = answer.value.applied as { readonly applied: number; readonly of: number } | undefined;
    if (applied !== undefined && applied.applied < applied.of) throw new Error(`${command} is not applied everywhere`);
    return answer.value;
  }

  /** A client of a user of the lab, signed in; it is closed with the lab. */
  async signIn(name: OrganisationName, address: string): Promise<TestEndpoint> {
    const endpoint = new TestEndpoint(labLogin(this.organisation(name).frontEnd, this.#verifier as PeerPathVerifier, address));
    this.#endpoints.push(endpoint);
    const answer = await endpoint.signIn();
    if (!answer.ok) throw new Error(`${address}: ${answer.error.text}`);
    if (answer.value.status !== 200) throw new Error(`${address} is answered ${answer.value.status} ${answer.value.reason}`);
    return endpoint;
  }

  /** Starts a server that was killed on the same data, from the same configuration file; resolves when it listens. Its log begins anew in `log`. */
  async startAgain(name: OrganisationName, role: ServerRole, log = 'restarted.log'): Promise<ServerProcess> {
    const folder = this.serverFolder(name, role);
    const started = await ServerProcess.start({
      process: `${role} of ${name}`,
      configurationFile: join(folder, 'server.yaml'),
      logFile: join(folder, log),
      clock: systemClock,
      onEnded() {},
    });
    if (!started.ok) throw new Error(started.error.text);
    this.#startedAgain.push(started.value);
    return started.value;
  }

  /** Replaces the records of the zone file. Names asked for before may be in the servers' caches for a minute. */
  writeZone(records: readonly string[]): void {
    writeFileSync(join(this.#base, 'zone.txt'), zoneText(records));
  }

  /** A certificate by `parley lab issue`, from the CA that both Edges trust. */
  issue(...names: readonly string[]): PartnerIdentity {
    const args = ['lab', 'issue', '--json', '--dir', this.folder, ...names];
    const files = JSON.parse(execFileSync(launcher, args, { encoding: 'utf8' })) as Readonly<Record<string, string>>;
    const read = (file: string | undefined) => readFileSync(file ?? '', 'utf8');
    return { cert: read(files.certificateFile), key: read(files.keyFile), ca: read(files.authorityFile) };
  }

  /** The folder of a server: its configuration file, certificates, data and log. */
  serverFolder(name: OrganisationName, role: ServerRole): string {
    return join(this.folder, name, role);
  }

  /** What a server has logged so far, as the lab keeps it. */
  log(name: OrganisationName, role: ServerRole): string {
    return readFileSync(join(this.serverFolder(name, role), 'server.log'), 'utf8');
  }

  /** Ends the lab with the servers that were started again, and removes its folder. */
  async stop(): Promise<void> {
    await Promise.all(this.#startedAgain.map(server => server.stop()));
    for (const endpoint of this.#endpoints) endpoint.close();
    process.off('exit', this.#killAtExit);
    process.off('SIGTERM', exitOnSignal);
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const closed = once(this.#process, 'close');
      this.#process.kill('SIGTERM');
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), stopTimeoutMs);
      await closed;
      clearTimeout(timer);
    }
    rmSync(this.#base, { recursive: true, force: true, maxRetries: 5 });
  }

  #untilReady(): Promise<void> {
    const { stdout, stderr } = this.#process;
    if (stdout === null || stderr === null) throw new Error('the lab has no output');
    return new Promise((resolve, reject) => {
      const said: string[] = [];
      stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
      const fail = (what: string) => reject(new Error(`the lab ${what}: ${said.slice(-5).join('\n')}`));
      const timer = setTimeout(() => fail('is not ready in time'), readyTimeoutMs);
      this.#process.once('close', () => {
        clearTimeout(timer);
        fail('ended');
      });
      createInterface({ input: stdout }).on('line', line => {
        said.push(line);
        if (!line.startsWith('{"event":"ready"')) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function zoneText(records: readonly string[]): string {
  return records.map(record => `${record}\n`).join('');
}

function exitOnSignal(): never {
  process.exit(1);
}
