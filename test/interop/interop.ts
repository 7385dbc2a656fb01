import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ForeignProcess, type ForeignProcessOptions } from './foreign-process.ts';

/** A user of the lab, as `lab.json` names them. */
export interface LabUser {
  readonly address: string;
  readonly login: string;
  readonly password: string;
}

/** What the tests need of one organisation in `lab.json`. */
interface LabOrganisation {
  readonly name: string;
  readonly frontEnd: { readonly fqdn: string; readonly host: string; readonly tlsPort: number; readonly tcpPort: number };
  readonly users: readonly LabUser[];
}

/** The part of `lab.json` that the tests use. */
export interface LabFile {
  /** Path of the CA certificate. */
  readonly ca: string;
  readonly orgs: readonly LabOrganisation[];
}

/** What a test has at hand. */
export interface Scene {
  readonly lab: LabFile;
  /** A new folder for files of this test. */
  folder(name: string): string;
  /** Starts a program; it is stopped at the end of the test, and what it printed is shown if the test fails. */
  start(options: ForeignProcessOptions): ForeignProcess;
  /** Runs `parley …` as an admin of an organisation of the lab. */
  administer(organisation: string, ...args: readonly string[]): Promise<void>;
  /** Has this text shown if the test fails. */
  onFailure(name: string, text: () => string): void;
}

const launcher = fileURLToPath(new URL('../../parley', import.meta.url));
const startTimeoutMs = 30_000;
const testTimeoutMs = 30_000;
/** Of a long log the end says most. */
const shownCharacters = 20_000;

/** A lab for all tests of a file, and the tests that use it. */
export class Interop {
  readonly #folder: string;
  readonly #labFolder: string;
  #process: ForeignProcess | undefined;
  #lab: LabFile | undefined;

  /** `folder` gets all that is written. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#labFolder = join(folder, 'lab');
    before(() => this.#start(), { timeout: startTimeoutMs });
    after(() => this.#process?.stop());
  }

  /** Registers a test. */
  test(name: string, run: (scene: Scene) => Promise<void>): void {
    test(name, { timeout: testTimeoutMs }, async () => {
      const processes: ForeignProcess[] = [];
      const shown: [string, () => string][] = [];
      try {
        await run(this.#scene(processes, shown));
      } catch (fault) {
        for (const process of processes) show(process.name, process.output);
        for (const [title, text] of shown) show(title, text());
        this.#showLab();
        throw fault;
      } finally {
        await Promise.all(processes.map(process => process.stop()));
      }
    });
  }

  #scene(processes: ForeignProcess[], shown: [string, () => string][]): Scene {
    if (this.#lab === undefined) throw new Error('the lab has not started');
    const start = (options: ForeignProcessOptions) => {
      const started = new ForeignProcess(options);
      processes.push(started);
      return started;
    };
    return {
      lab: this.#lab,
      folder: name => mkdtempSync(join(this.#folder, `${name}-`)),
      start,
      administer: async (organisation, ...args) => {
        const target = ['--lab', join(this.#labFolder, 'lab.json'), '--org', organisation];
        const name = `parley ${args.join(' ')}`;
        const exit = await start({ name, program: launcher, args: [...args, ...target], folder: this.#folder }).waitForExit(
          10_000,
        );
        if (exit !== 0) throw new Error(`${name} ended with ${exit}`);
      },
      onFailure: (title, text) => shown.push([title, text]),
    };
  }

  async #start(): Promise<void> {
    mkdirSync(this.#labFolder);
    this.#process = new ForeignProcess({
      name: 'the lab',
      program: launcher,
      args: ['lab', '--standard-ports', '--json', '--dir', this.#labFolder],
      folder: this.#folder,
    });
    try {
      await this.#process.waitForOutput(/^\{"event":"ready"/m, { timeoutMs: startTimeoutMs });
    } catch (fault) {
      this.#showLab();
      throw fault;
    }
    this.#lab = JSON.parse(readFileSync(join(this.#labFolder, 'lab.json'), 'utf8')) as LabFile;
  }

  /** What the lab said, and the logs of its servers. */
  #showLab(): void {
    show('the lab', (this.#process?.output ?? '').replace(/^\{"event":"check".*"status":"pass".*\n/gm, ''));
    for (const file of readdirSync(this.#labFolder, { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.log')) show(file, readFileSync(join(this.#labFolder, file), 'utf8'));
    }
  }
}

/** The Front End where a user signs in. */
export function frontEndOf(lab: LabFile, { address }: Pick<LabUser, 'address'>): LabOrganisation['frontEnd'] {
  const home = lab.orgs.find(({ users }) => users.some(user => user.address === address));
  if (home === undefined) throw new Error(`${address} is no user of the lab`);
  return home.frontEnd;
}

/** A user of the lab by address. */
export function userOf(lab: LabFile, address: string): LabUser {
  const user = lab.orgs.flatMap(({ users }) => users).find(candidate => candidate.address === address);
  if (user === undefined) throw new Error(`${address} is no user of the lab`);
  return user;
}

function show(title: string, text: string): void {
  process.stderr.write(`\n--- ${title}\n${text.slice(-shownCharacters)}\n`);
}
