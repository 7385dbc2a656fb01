import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './page.ts';

/** The lab as a person starts it, with what it prints. */
export class TextLab {
  readonly base = mkdtempSync(join(tmpdir(), 'parley-docs-'));
  /** Where the lab keeps its state. */
  readonly folder = join(this.base, 'lab');
  readonly #process: ChildProcess;
  #output = '';

  private constructor(zone: string) {
    const zoneFile = join(this.base, 'extra.zone');
    writeFileSync(zoneFile, zone);
    this.#process = spawn(join(root, 'parley'), ['lab', '--dir', this.folder, '--zone', zoneFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    // a lab that is killed takes its servers with it
    process.once('exit', () => this.#process.kill('SIGKILL'));
  }

  /** Starts a lab with further DNS records; resolves when it has said everything. */
  static async start(zone: string): Promise<TextLab> {
    const lab = new TextLab(zone);
    const { stdout } = lab.#process;
    if (!stdout) throw new Error('the lab has no standard output');
    for await (const chunk of stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      lab.#output += chunk;
      if (lab.#output.includes('until Ctrl-C')) return lab;
    }
    throw new Error(`the lab ended: ${lab.#output}`);
  }

  get labFile(): string {
    return join(this.folder, 'lab.json');
  }

  /** What it printed until everything was ready. */
  get output(): string {
    return this.#output;
  }

  /** Stops the lab and removes its files. */
  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
    rmSync(this.base, { recursive: true, force: true });
  }
}
