import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parsePlay } from '../../src/testing/play-parser.ts';
import { runPlay } from '../../src/testing/play-runner.ts';
import type { PlayStage } from '../../src/testing/play-stage.ts';
import { LabStage } from '../scenarios/lab-stage.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { WorkerPlaces } from '../support/worker-place.ts';

const folder = fileURLToPath(new URL('../scenarios/', import.meta.url));
const plays = readdirSync(folder)
  .filter(file => file.endsWith('.play'))
  .toSorted()
  .map(file => parsePlay(`test/scenarios/${file}`, readFileSync(join(folder, file), 'utf8')));

let lab: LabUnderTest;
let stage: LabStage;
before(async () => {
  lab = await LabUnderTest.start([], ['--workers', '2']);
  stage = LabStage.on(lab);
});
after(() => (stage ? stage.stop() : lab?.stop()));

/** Every client of a play is at another worker than the one before it. */
function alternating(first: number): PlayStage {
  const places = { contoso: new WorkerPlaces(lab, 'contoso'), lynconline: new WorkerPlaces(lab, 'lynconline') };
  let next = first;
  let connecting: Promise<unknown> = Promise.resolve();
  return {
    clock: stage.clock,
    change: change => stage.change(change),
    until: look => stage.until(look),
    settle: () => stage.settle(),
    connect(address, handler) {
      const place = places[address.endsWith('@contoso.test') ? 'contoso' : 'lynconline'];
      const slot = next++ % 2;
      const connected = connecting.then(() =>
        place.connectTo(
          slot,
          () => stage.connect(address, handlerOf(handler)),
          connection => connection.close('the other worker is wanted'),
        ),
      );
      connecting = connected.catch(() => undefined);
      return connected;

      /** A connection that is given up is none of the play's. */
      function handlerOf(ofPlay: typeof handler): typeof handler {
        return {
          onMessage: (connection, message) => ofPlay.onMessage(connection, message),
          onBad: (connection, failure, request) => ofPlay.onBad(connection, failure, request),
          onClosed: (connection, why) => {
            if (!(why.kind === 'closed-here' && why.detail === 'the other worker is wanted')) ofPlay.onClosed(connection, why);
          },
        };
      }
    },
  };
}

for (const play of plays) {
  const skip = play.steps[0]?.needsVirtualClock && 'it needs the virtual clock';
  // whoever comes first: with two, both ends are at different workers in one case and the callee's home differs in the other
  for (const first of [0, 1]) {
    test(`${play.title}, the first client at worker ${first}`, { skip }, () => runPlay(play, alternating(first)));
  }
}
