import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { frameKinds } from '../workers/frame.ts';
import { WorkerMesh } from '../workers/worker-mesh.ts';
import { sharedGuesses } from './shared-guesses.ts';

test('what one worker counts the others count too, once, and a right password is forgiven by all', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-guesses-'));
  const meshes = [0, 1, 2].map(slot => new WorkerMesh({ slot, workers: 3, folder }, systemClock));
  t.after(() => {
    for (const mesh of meshes) mesh.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const clock = new FakeClock();
  const limiters = meshes.map(mesh => sharedGuesses(mesh, clock));
  const [first, second] = limiters as [(typeof limiters)[0], (typeof limiters)[0]];
  const linked = meshes.map(mesh => {
    let missing = mesh.others.length;
    return new Promise<void>(resolve => mesh.onUp(() => --missing === 0 && resolve()));
  });
  for (const mesh of meshes) await mesh.open();
  await Promise.all(linked);
  const heard = Promise.all(
    [1, 2].map(slot => new Promise<void>(resolve => meshes[slot]?.onFrame(frameKinds.barrier, () => resolve()))),
  );
  const pauses = () => limiters.map(limiter => limiter.pauseMs('bob', '192.0.2.1'));
  for (let i = 0; i < 6; i++) first.failed('bob', '192.0.2.1');
  meshes[0]?.sendToAll(frameKinds.barrier, '');
  await heard;
  assert.deepEqual(pauses(), [1000, 1000, 1000]);
  assert.equal(second.pauseMs('bob', '192.0.2.2'), 0, 'from elsewhere');
  const forgiven = Promise.all(
    [0, 2].map(slot => new Promise<void>(resolve => meshes[slot]?.onFrame(frameKinds.barrier, () => resolve()))),
  );
  second.succeeded('bob', '192.0.2.1');
  meshes[1]?.sendToAll(frameKinds.barrier, '');
  await forgiven;
  assert.deepEqual(pauses(), [0, 0, 0]);
});
