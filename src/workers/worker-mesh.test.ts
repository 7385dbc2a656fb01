import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { frameKinds } from './frame.ts';
import { WorkerCalls } from './worker-calls.ts';
import { WorkerMesh } from './worker-mesh.ts';

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-mesh-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function open(t: TestContext, folder: string, slot: number, workers = 2): Promise<WorkerMesh> {
  const mesh = new WorkerMesh({ slot, workers, folder }, systemClock);
  await mesh.open();
  t.after(() => mesh.close());
  return mesh;
}

const linked = (mesh: WorkerMesh, slot: number) =>
  mesh.isUp(slot) ? Promise.resolve() : new Promise<void>(resolve => mesh.onUp(up => up === slot && resolve()));
const parted = (mesh: WorkerMesh, slot: number) => new Promise<void>(resolve => mesh.onDown(down => down === slot && resolve()));

test('frames of all kinds keep their order, whatever made them leave', async t => {
  const folder = newFolder(t);
  const [first, second] = [await open(t, folder, 0), await open(t, folder, 1)];
  const got: string[] = [];
  const all = new Promise<void>(resolve => {
    for (const kind of [frameKinds.bound, frameKinds.toFlow]) {
      second.onFrame(kind, (slot, key) => {
        got.push(`${slot} ${kind} ${key}`);
        if (key === 'last') resolve();
      });
    }
  });
  await Promise.all([linked(first, 1), linked(second, 0)]);
  first.send(1, frameKinds.bound, 'a');
  first.sendSoon(1, frameKinds.toFlow, 'b', Buffer.from('x'));
  first.sendToAll(frameKinds.bound, 'c');
  first.send(1, frameKinds.toFlow, 'last');
  await all;
  assert.deepEqual(got, ['0 2 a', '0 4 b', '0 2 c', '0 4 last']);
});

test('questions are answered in order; where the worker dies before, with nothing', async t => {
  const folder = newFolder(t);
  const [first, second] = [await open(t, folder, 0), await open(t, folder, 1)];
  const asking = new WorkerCalls(first, () => ({ value: null, bytes: Buffer.alloc(0) }));
  let isDying = false;
  const answering = new WorkerCalls(second, ({ value, bytes }, slot) => {
    if (isDying) second.close();
    return { value: [slot, value], bytes: Buffer.concat([bytes, Buffer.from('!')]) };
  });
  await Promise.all([linked(first, 1), linked(second, 0)]);
  const ask = (value: unknown) =>
    new Promise<unknown>(resolve => {
      asking.ask(1, { value, bytes: Buffer.from('é') }, answer => resolve(answer && [answer.value, String(answer.bytes)]));
    });
  assert.deepEqual(await Promise.all([ask('one'), ask({ two: 2 })]), [
    [[0, 'one'], 'é!'],
    [[0, { two: 2 }], 'é!'],
  ]);
  isDying = true;
  assert.deepEqual(await Promise.all([ask(3), ask(4)]), [undefined, undefined]);
  assert.equal(await ask(5), undefined, 'nobody is there');
  answering.ask(0, { value: null, bytes: Buffer.alloc(0) }, answer => assert.equal(answer, undefined));
});

test('a worker that comes back is linked again, and what it was is told to be gone before', async t => {
  const folder = newFolder(t);
  const first = await open(t, folder, 0);
  const told: string[] = [];
  first.onUp(slot => told.push(`up ${slot}`));
  first.onDown(slot => told.push(`down ${slot}`));
  const second = await open(t, folder, 1);
  await linked(first, 1);
  const gone = parted(first, 1);
  second.close();
  await gone;
  assert.equal(first.send(1, frameKinds.bound, 'a'), false);
  const again = await open(t, folder, 1);
  await Promise.all([linked(first, 1), linked(again, 0)]);
  assert.deepEqual(told, ['up 1', 'down 1', 'up 1']);
});

test('the first worker, too, is found again by those that connect to it', async t => {
  const folder = newFolder(t);
  const first = await open(t, folder, 0, 3);
  const [second, third] = [await open(t, folder, 1, 3), await open(t, folder, 2, 3)];
  await Promise.all([linked(second, 0), linked(third, 0), linked(third, 1)]);
  const gone = Promise.all([parted(second, 0), parted(third, 0)]);
  first.close();
  await gone;
  assert.ok(third.isUp(1));
  const again = await open(t, folder, 0, 3);
  await Promise.all([linked(again, 1), linked(again, 2)]);
});

test('a fault while serving another worker ends that question with nothing, and no link', async t => {
  const folder = newFolder(t);
  const faults: string[] = [];
  const onFault = (fault: unknown) => faults.push(String(fault));
  const [first, second] = [0, 1].map(slot => new WorkerMesh({ slot, workers: 2, folder }, systemClock, onFault)) as [
    WorkerMesh,
    WorkerMesh,
  ];
  for (const mesh of [first, second]) {
    await mesh.open();
    t.after(() => mesh.close());
  }
  const noBytes = Buffer.alloc(0);
  const handler = ({ value }: { readonly value: unknown }) => {
    if (value === 'odd') throw new Error('odd question');
    return { value, bytes: noBytes };
  };
  const [asking] = [new WorkerCalls(first, handler, onFault), new WorkerCalls(second, handler, onFault)];
  second.onFrame(frameKinds.bound, () => {
    throw new Error('odd frame');
  });
  second.onUp(() => {
    throw new Error('odd word');
  });
  await Promise.all([linked(first, 1), linked(second, 0)]);
  first.send(1, frameKinds.bound, 'a');
  const ask = (value: unknown) => new Promise<unknown>(resolve => asking.ask(1, { value, bytes: noBytes }, resolve));
  const answers = await Promise.all([ask('odd'), ask('even')]);
  assert.deepEqual(
    answers.map(answer => (answer as { value: unknown } | undefined)?.value),
    [undefined, 'even'],
  );
  assert.deepEqual(faults, ['Error: odd word', 'Error: odd frame', 'Error: odd question']);
});
