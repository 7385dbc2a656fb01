import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CommandOutcome, outcomeOf } from '../../src/testing/command-outcome.ts';
import { type Block, comparable, type Page, readPage, readPages, root } from './page.ts';
import { TextLab } from './text-lab.ts';

/** The version of the configuration moves with every change, and right after one an Edge may be a moment behind. */
const movingLine = /(EDG-02 +\S+) .*/g;

/** Loopback addresses that pages name, and those of this run: other runs on this machine may have the same page open. */
const pageAddresses = '127.0.0.3';
const ownAddresses = `127.${1 + (process.pid % 250)}.${1 + ((process.pid >> 8) % 250)}.3`;

/** What a block may not name: it would change the machine the tests run on. */
const ofTheMachine = /(?:^|[\s"'=])\/(?:etc|opt|usr|var|root|home)\b|\b(?:sudo|systemctl|useradd|apt(?:-get)?|npm|git|rm)\s/;

/**
 * Runs every block marked `sh` of every page against one lab, with DIR and LAB set, in the order of the page and in one folder a page.
 * `exit=N` behind the fence names another exit code than 0; a block marked `text NAME.zone` is in the DNS of that lab. A block marked `text output` right after it is what it printed, and the block
 * marked `text recording` in the README is what the lab itself printed; with UPDATE_DOCS=1 both are written anew.
 */
describe('the shell blocks of the documentation', () => {
  const isUpdating = process.env.UPDATE_DOCS === '1';
  const started: number[] = [];
  let lab: TextLab;
  before(async () => {
    const zones = readPages().flatMap(({ blocks }) => blocks.filter(({ note }) => note.endsWith('.zone')));
    lab = await TextLab.start(zones.map(({ text }) => withOwnAddresses(text)).join('\n'));
  });
  after(() => lab.stop());

  it('no block touches more than its own folder and the lab', () => {
    for (const { path, blocks } of readPages()) {
      for (const { language, text, line } of blocks) {
        if (language === 'sh') assert.doesNotMatch(text, ofTheMachine, `${path}:${line}: mark it console, it is not to be run`);
      }
    }
  });

  for (const page of readPages().filter(({ blocks }) => blocks.some(block => block.language === 'sh'))) {
    it(`${page.path} does what it says`, { skip: lackingProgram(page) }, async t => {
      const folder = join(lab.base, page.path.replaceAll('/', '-'));
      mkdirSync(folder);
      const outputs = new Map<number, string>();
      t.after(() => started.splice(0).forEach(stopGroup));
      for (const [index, block] of page.blocks.entries()) {
        if (block.language !== 'sh' || ofTheMachine.test(block.text)) continue;
        const { code, out, error } = await run(block, folder, lab, started);
        const wanted = Number(/\bexit=(\d+)/.exec(block.note)?.[1] ?? 0);
        assert.equal(code, wanted, `${page.path}:${block.line}\n${block.text}${out}${error}`);
        const next = page.blocks[index + 1];
        if (!next || !isOutput(next)) continue;
        const shown = (out + error).replaceAll(lab.folder, '$DIR').trimEnd();
        outputs.set(index + 1, `${shown}\n`);
        if (!isUpdating)
          assert.equal(
            comparable(shown.replaceAll(movingLine, '$1')),
            comparable(next.text.replaceAll(movingLine, '$1')),
            `${page.path}:${next.line}`,
          );
      }
      if (isUpdating && outputs.size > 0) rewrite(page, outputs);
    });
  }

  it('the README shows what the lab prints', () => {
    const page = readPage('README.md');
    const index = page.blocks.findIndex(block => block.language === 'text' && block.note === 'recording');
    const recording = page.blocks[index];
    assert.ok(recording);
    const printed = lab.output.slice(0, lab.output.indexOf('\nSign in'));
    if (isUpdating) rewrite(page, new Map([[index, `${printed.trimEnd()}\n`]]));
    else assert.equal(comparable(recording.text), comparable(printed));
  });
});

/** Why a page cannot be run here: a program it uses is not installed. */
function lackingProgram({ blocks }: Page): string | false {
  const text = blocks.map(block => (block.language === 'sh' ? block.text : '')).join('\n');
  const used = ['openssl', 'curl'].filter(program => new RegExp(`\\b${program} `).test(text));
  const missing = used.filter(program => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  return missing.length > 0 && `needs the Debian package ${missing.join(', ')}`;
}

function isOutput(block: Block): boolean {
  return block.language === 'text' && block.note === 'output';
}

function rewrite(page: Page, texts: ReadonlyMap<number, string>): void {
  let { text } = page;
  for (const [index, output] of [...texts].toSorted(([a], [b]) => b - a)) {
    const block = page.blocks[index] as Block;
    text = text.slice(0, block.start) + output + text.slice(block.end);
  }
  writeFileSync(join(root, page.path), text);
}

function withOwnAddresses(text: string): string {
  return text.replaceAll(pageAddresses, ownAddresses);
}

/** What a block started in the background goes with its page, also when the page failed. */
function stopGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

function run(block: Block, folder: string, lab: TextLab, started: number[]): Promise<CommandOutcome> {
  const { PARLEY_API: _api, PARLEY_TOKEN_FILE: _file, ...inherited } = process.env;
  const env = { ...inherited, DIR: lab.folder, LAB: lab.labFile, PATH: `${root}:${process.env.PATH}` };
  const child = spawn('sh', ['-eu', '-c', withOwnAddresses(block.text)], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) started.push(child.pid);
  return outcomeOf(child);
}
