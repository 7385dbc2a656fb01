import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MemoryStage } from '../../src/testing/play-memory-stage.ts';
import { parsePlay } from '../../src/testing/play-parser.ts';
import { runPlay } from '../../src/testing/play-runner.ts';
import { LabStage } from './lab-stage.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** The play that the documentation explains. */
const example = /^```\n(# [^]*?)```$/m.exec(readFileSync(join(folder, '../../docs/plays.md'), 'utf8'))?.[1] ?? '';
const plays = readdirSync(folder)
  .filter(file => file.endsWith('.play'))
  .toSorted()
  .map(file => parsePlay(`test/scenarios/${file}`, readFileSync(join(folder, file), 'utf8')));
plays.push(parsePlay('docs/plays.md', example));

suite('on wires in memory with a virtual clock', () => {
  for (const play of plays) {
    test(play.title, async t => {
      const stage = new MemoryStage();
      t.after(() => stage.close());
      await runPlay(play, stage);
    });
  }
});

suite('over TLS in the lab', () => {
  let stage: LabStage;
  before(async () => {
    stage = await LabStage.start();
  });
  after(() => stage?.stop());

  for (const play of plays) {
    const isVirtual = play.steps[0]?.needsVirtualClock;
    test(play.title, { skip: isVirtual && 'it needs the virtual clock' }, () => runPlay(play, stage));
  }
});
