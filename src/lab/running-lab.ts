import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, sleep } from '../base/clock.ts';
import { type Failure, FailureError, failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type LabAuthority, openLabAuthority } from './certificate-authority.ts';
import { dnsHost, type LabOrganisation, type LabPorts, labOrganisations } from './deployment-plan.ts';
import { DnsServer } from './dns-server.ts';
import { checkTrustFiles, type OrganisationFiles, writeOrganisationFiles } from './lab-configuration.ts';
import { type DomainProof, labRecords } from './lab-dns.ts';
import { apiUrlOf, writeLabFile } from './lab-file.ts';
import { type LabFolder, openLabFolder } from './lab-folder.ts';
import { ServerProcess } from './lab-processes.ts';
import {
  fetchEnrolment,
  type LoadSize,
  provisionLoad,
  provisionOrganisation,
  readProofs,
  updateTopologyPorts,
} from './lab-provisioning.ts';
import { type LabStore, openLabStore, removeLabStore } from './lab-store.ts';
import { ManagementClient } from './management-client.ts';
import { choosePorts, dnsPortOf, dnsUse, type PortChoice, portFailure } from './port-choice.ts';

/** What a lab is to be like. */
export interface LabOptions {
  /** Absent: a new temporary folder. */
  readonly dir?: string;
  readonly zoneFile?: string;
  readonly trustFiles: readonly string[];
  readonly ports: 'free' | 'standard' | { readonly base: number };
  readonly load: LoadSize;
  /** URL of a PostgreSQL database for both organisations; absent: each has its own SQLite file. */
  readonly store?: string;
  /** Processes of each Front End. */
  readonly workers?: number;
}

/** Why a lab did not start. */
export interface StartFailure {
  readonly failure: Failure;
  /** Where logs of its servers are; absent where there are none. */
  readonly logFolder?: string;
}

const replicationTimeoutMs = 15_000;
const replicationPollMs = 25;

/** The two deployments with their DNS and CA, from the start to the stop. */
export class RunningLab {
  readonly folder: LabFolder;
  readonly clock: Clock;
  readonly #options: LabOptions;
  readonly #onProblem: (problem: Failure) => void;
  readonly #store: LabStore | undefined;
  #dns: DnsServer;
  readonly #processes = new Map<string, ServerProcess>();
  readonly #clients = new Map<LabOrganisation, ManagementClient>();
  #proofs: readonly DomainProof[] = [];
  #ports: LabPorts | undefined;
  #authority: LabAuthority | undefined;
  #hasLogs = false;

  private constructor(
    folder: LabFolder,
    store: LabStore | undefined,
    options: LabOptions,
    clock: Clock,
    onProblem: (problem: Failure) => void,
  ) {
    this.folder = folder;
    this.#store = store;
    this.clock = clock;
    this.#options = options;
    this.#onProblem = onProblem;
    this.#dns = this.#makeDns(dnsPortOf(this.#portChoice()).port);
  }

  /**
   * Starts everything; resolves when both Edges run from the configuration and `lab.json` is written. What was started is stopped again if
   * something fails. `onProblem` is told what goes wrong later.
   */
  static async start(
    options: LabOptions,
    clock: Clock,
    onProblem: (problem: Failure) => void,
  ): Promise<Result<RunningLab, StartFailure>> {
    const trusted = await checkTrustFiles(options.trustFiles);
    if (!trusted.ok) return err({ failure: trusted.error });
    const folder = await openLabFolder(options.dir, clock);
    if (!folder.ok) return err({ failure: folder.error });
    const store = openLabStore(options.store, folder.value);
    if (!store.ok) {
      folder.value.release(false);
      return err({ failure: store.error });
    }
    const lab = new RunningLab(folder.value, store.value, options, clock, onProblem);
    const started = await lab.#start();
    if (started.ok) return ok(lab);
    await lab.stop(lab.#hasLogs);
    return err({ failure: started.error, ...(lab.#hasLogs ? { logFolder: lab.folder.path } : {}) });
  }

  get ports(): LabPorts {
    if (this.#ports === undefined) throw new Error('the lab has not started');
    return this.#ports;
  }

  get authority(): LabAuthority {
    if (this.#authority === undefined) throw new Error('the lab has not started');
    return this.#authority;
  }

  /** The management API of an organisation. */
  client(organisation: LabOrganisation): ManagementClient {
    const known = this.#clients.get(organisation);
    if (known !== undefined) return known;
    const { name } = organisation;
    const client = new ManagementClient(name, apiUrlOf(organisation, this.ports), this.folder.state.tokens[name]);
    this.#clients.set(organisation, client);
    return client;
  }

  /** Stops all servers. `keep`: a temporary folder stays, because something in it is worth a look. */
  async stop(keep: boolean): Promise<void> {
    // Edges first: while they are there the Front Ends would go on pushing to them.
    await Promise.all([...this.#processes.values()].map(server => server.stop()));
    await this.#dns.close();
    if (this.#store !== undefined && this.folder.temporary && !keep) {
      const removed = await removeLabStore(this.#store);
      if (!removed.ok) this.#onProblem(removed.error);
    }
    this.folder.release(keep);
  }

  async #start(): Promise<Result<void>> {
    this.#authority = await openLabAuthority(this.folder.authorityFolder, this.clock);
    const ports = await this.#openPorts();
    if (!ports.ok) return ports;
    this.#ports = ports.value;
    this.folder.update({ ports: ports.value });
    this.#publish();
    const started = await Promise.all(labOrganisations.map(organisation => this.#startOrganisation(organisation)));
    const failed = started.find(result => !result.ok);
    if (failed !== undefined) return failed;
    this.folder.update({ provisioned: labOrganisations.map(organisation => organisation.name) });
    const pidOf = (key: string) => [this.#processes.get(key)?.pid ?? 0];
    const pids = (name: LabOrganisation['name']) => ({ frontEnd: pidOf(`${name} frontend`), edge: pidOf(`${name} edge`) });
    writeLabFile({
      folder: this.folder,
      ports: this.ports,
      authorityFile: this.authority.certificateFile,
      pids: { contoso: pids('contoso'), lynconline: pids('lynconline') },
    });
    return ok(undefined);
  }

  async #startOrganisation(organisation: LabOrganisation): Promise<Result<void>> {
    const files = await writeOrganisationFiles(organisation, {
      folder: this.folder,
      ports: this.ports,
      authority: this.authority,
      trustFiles: this.#options.trustFiles,
      store: this.#store,
      workers: this.#options.workers ?? 1,
      clock: this.clock,
    });
    // An Edge that was enrolled before needs nothing from its Front End to start.
    const enrolled = existsSync(files.takenEnrolment);
    const [frontEnd, edge] = await Promise.all([
      this.#startServer(organisation, 'frontend', files.frontEnd),
      enrolled ? this.#startServer(organisation, 'edge', files.edge) : ok(undefined),
    ]);
    if (!frontEnd.ok) return frontEnd;
    if (!edge.ok) return edge;
    const provisioned = await this.#provision(organisation);
    if (!provisioned.ok) return provisioned;
    if (!enrolled) {
      const begun = await this.#enrol(organisation, files);
      if (!begun.ok) return begun;
    }
    return this.#untilReplicated(organisation);
  }

  async #provision(organisation: LabOrganisation): Promise<Result<void>> {
    const client = this.client(organisation);
    const ports = this.ports[organisation.name];
    const publishProof = (proof: DomainProof) => {
      this.#proofs = [...this.#proofs, proof];
      this.#publish();
    };
    if (this.folder.state.provisioned.includes(organisation.name)) {
      const proofs = await readProofs(client);
      if (!proofs.ok) return proofs;
      proofs.value.forEach(publishProof);
      const updated = await updateTopologyPorts(client, organisation, ports);
      if (!updated.ok) return updated;
    } else {
      const made = await provisionOrganisation(client, organisation, ports, { publishProof });
      if (!made.ok) return made;
    }
    return provisionLoad(client, organisation, this.#options.load);
  }

  async #enrol(organisation: LabOrganisation, files: OrganisationFiles): Promise<Result<void>> {
    const bundle = await fetchEnrolment(this.client(organisation), organisation);
    if (!bundle.ok) return bundle;
    writeFileSync(files.enrolment, bundle.value, { mode: 0o600 });
    const started = await this.#startServer(organisation, 'edge', files.edge);
    if (!started.ok) return started;
    // making many objects takes so long that the Front End tries its Edge once in half a minute only
    const replicaFqdn = organisation.edge.internalFqdn;
    const pushed = await this.client(organisation).run({
      command: 'Invoke-CsManagementStoreReplication',
      parameters: { replicaFqdn },
    });
    return pushed.ok ? ok(undefined) : pushed;
  }

  async #startServer(organisation: LabOrganisation, role: 'frontend' | 'edge', configurationFile: string): Promise<Result<void>> {
    this.#hasLogs = true;
    const started = await ServerProcess.start({
      process: `${role === 'edge' ? 'Edge' : 'Front End'} of ${organisation.name}`,
      configurationFile,
      logFile: join(this.folder.serverFolder(organisation, role), 'server.log'),
      clock: this.clock,
      onEnded: this.#onProblem,
    });
    if (!started.ok) return started;
    this.#processes.set(`${organisation.name} ${role}`, started.value);
    this.folder.claim(
      process.pid,
      [...this.#processes.values()].map(server => server.pid),
    );
    return ok(undefined);
  }

  /** Waits until the Edge runs from the configuration. Fails with LAB_REPLICATION_LATE. */
  async #untilReplicated(organisation: LabOrganisation): Promise<Result<void>> {
    const client = this.client(organisation);
    const untilMs = this.clock.monotonic() + replicationTimeoutMs;
    for (;;) {
      const status = await client.run({ command: 'Get-CsManagementStoreReplicationStatus', parameters: {} });
      if (!status.ok) return status;
      const { objects } = status.value;
      if (objects.length > 0 && objects.every(replica => replica.upToDate === true)) return ok(undefined);
      if (this.clock.monotonic() > untilMs) {
        const problem = String(objects.find(replica => replica.upToDate !== true)?.problem ?? 'it never reported.');
        const seconds = replicationTimeoutMs / 1000;
        return err(failure('LAB_REPLICATION_LATE', { organisation: organisation.name, seconds, problem }));
      }
      await sleep(this.clock, replicationPollMs);
    }
  }

  #portChoice(): PortChoice {
    const { ports } = this.#options;
    if (ports === 'free') return { kind: 'free', before: this.folder.state.ports };
    return ports === 'standard' ? { kind: 'standard' } : { kind: 'base', base: ports.base };
  }

  #makeDns(port: number): DnsServer {
    const { zoneFile } = this.#options;
    return new DnsServer({
      clock: this.clock,
      host: dnsHost,
      port,
      onZoneProblem: this.#onProblem,
      ...(zoneFile === undefined ? {} : { zoneFile }),
    });
  }

  /** Starts DNS and chooses the ports of the servers. A DNS port that is only a habit gives way to a free one. */
  async #openPorts(): Promise<Result<LabPorts>> {
    const choice = this.#portChoice();
    const wanted = dnsPortOf(choice);
    let dns = await this.#startDns(wanted.port);
    if (!dns.ok && !wanted.fixed && wanted.port !== 0 && dns.error.code === 'LAB_PORT_TAKEN') {
      this.#dns = this.#makeDns(0);
      dns = await this.#startDns(0);
    }
    return dns.ok ? choosePorts(choice, dns.value) : dns;
  }

  async #startDns(wanted: number): Promise<Result<number>> {
    try {
      return ok((await this.#dns.start()).port);
    } catch (thrown) {
      if (!(thrown instanceof FailureError)) throw thrown;
      const { cause } = thrown.failure;
      const isListening = cause instanceof Error && !thrown.failure.code.startsWith('ZONE_');
      return err(isListening ? portFailure(cause, dnsUse.host, wanted, dnsUse.use) : thrown.failure);
    }
  }

  #publish(): void {
    this.#dns.setRecords(labRecords(this.ports, this.#proofs));
  }
}
