import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../base/failure.ts';
import { Pipeline, type WaitLimits } from './pipeline.ts';
import { answered, proceed, refuse, type Step, type StepOutcome, waitFor } from './step.ts';

interface Item {
  readonly name: string;
  readonly key: string;
  readonly peer: string;
}

function harness(limits: WaitLimits = { total: 10, perPeer: 10 }) {
  const log: string[] = [];
  const gates = new Map<string, () => void>();
  const steps: readonly Step<Item>[] = [
    {
      name: 'gate',
      run(item) {
        if (!item.name.startsWith('slow')) return proceed;
        const opened = new Promise<void>(resolve => gates.set(item.name, resolve));
        return waitFor(opened, () => proceed, item.name.startsWith('slow-known') ? 4 : undefined);
      },
    },
    {
      name: 'verdict',
      run(item) {
        if (item.name.includes('bad')) return refuse(failure('TOO_MANY_HOPS'));
        if (item.name.includes('gone')) return { kind: 'drop', why: 'gone' };
        if (item.name.includes('fault')) throw new Error('our fault');
        return proceed;
      },
    },
    {
      name: 'serve',
      run(item) {
        log.push(`served ${item.name}`);
        return answered;
      },
    },
  ];
  const pipeline = new Pipeline<Item>(
    steps,
    {
      refused: (item, why, step) => log.push(`refused ${item.name} ${why.code} at ${step}`),
      dropped: (item, why, step) => log.push(`dropped ${item.name} ${why} at ${step}`),
      faulted: (item, _fault, step) => log.push(`fault ${item.name} at ${step}`),
      orderKey: item => item.key,
      peerKey: item => item.peer,
    },
    limits,
  );
  const run = (name: string, key = 'k', peer = 'p') => pipeline.run({ name, key, peer });
  const open = async (name: string) => {
    gates.get(name)?.();
    await new Promise(setImmediate);
  };
  return { pipeline, log, run, open };
}

test('each outcome ends the request in its way', () => {
  const { log, run } = harness();
  for (const name of ['plain', 'bad', 'gone', 'fault']) run(name);
  assert.deepEqual(log, [
    'served plain',
    'refused bad TOO_MANY_HOPS at verdict',
    'dropped gone gone at verdict',
    'fault fault at verdict',
  ]);
});

test('a waiting request holds back those of its key only, and they follow in order', async () => {
  const { pipeline, log, run, open } = harness();
  run('slow1', 'a');
  run('second', 'a');
  run('slow3', 'a');
  run('fourth', 'a');
  run('other', 'b');
  assert.deepEqual(log, ['served other']);
  assert.equal(pipeline.held, 4);
  await open('slow1');
  assert.deepEqual(log, ['served other', 'served slow1', 'served second']);
  run('fifth', 'a');
  await open('slow3');
  assert.deepEqual(log.slice(3), ['served slow3', 'served fourth', 'served fifth']);
  assert.equal(pipeline.held, 0);
  run('sixth', 'a');
  assert.equal(log.at(-1), 'served sixth');
});

test('a request that waited and is refused, dropped or faulty does not stop those behind it', async () => {
  const { pipeline, log, run, open } = harness();
  for (const name of ['slow-bad', 'slow-gone', 'slow-fault']) {
    run(name, name);
    run(
      `after ${name}`.replaceAll(/bad|gone|fault/g, m => m.toUpperCase()),
      name,
    );
    await open(name);
  }
  assert.equal(log.filter(line => line.startsWith('served after')).length, 3);
  assert.equal(pipeline.held, 0);
});

test('waits are capped per peer and in all; what is over is refused at once', () => {
  const { log, run } = harness({ total: 3, perPeer: 2 });
  run('slow1', 'a', 'p');
  run('slow2', 'b', 'p');
  run('slow3', 'c', 'p');
  assert.deepEqual(log, ['refused slow3 SERVER_BUSY at wait']);
  run('slow4', 'd', 'q');
  run('slow5', 'e', 'r');
  assert.deepEqual(log.slice(1), ['refused slow5 SERVER_BUSY at wait']);
  run('plain', 'z', 'p');
  assert.equal(log.at(-1), 'served plain');
});

test('a step may let more of a peer wait, and what stands behind such a request with it', () => {
  const { pipeline, log, run } = harness({ total: 10, perPeer: 2 });
  for (const name of ['slow-known1', 'slow-known2', 'slow-known3']) run(name, name);
  run('behind', 'slow-known1');
  assert.equal(pipeline.held, 4);
  run('slow-known4', 'd');
  run('slow-stranger', 'e');
  assert.deepEqual(log, ['refused slow-known4 SERVER_BUSY at wait', 'refused slow-stranger SERVER_BUSY at wait']);
});

/** A pipeline of one step, and what became of its requests. */
function single(run: (name: string) => StepOutcome) {
  const log: string[] = [];
  const pipeline = new Pipeline<string>(
    [{ name: 'only', run }],
    {
      refused: (name, why) => log.push(`refused ${name} ${why.code}`),
      dropped: () => assert.fail(),
      faulted: (name, fault) => log.push(`fault ${name}: ${(fault as Error).message}`),
      orderKey: name => name,
      peerKey: () => 'peer',
    },
    { total: 10, perPeer: 10 },
  );
  return { pipeline, log };
}

test('a step that waits is given what it waited for, and need not look for it again', async () => {
  const { pipeline, log } = single(name =>
    waitFor(Promise.resolve('busy'), answer => {
      log.push(`${name} heard ${answer}`);
      return refuse(failure('SERVER_BUSY', { limit: 1 }));
    }),
  );
  pipeline.run('x');
  await new Promise(setImmediate);
  assert.deepEqual(log, ['x heard busy', 'refused x SERVER_BUSY']);
  assert.equal(pipeline.held, 0);
});

test('a step that waits for what is settled, again and again, is a fault and does not stop the event loop', async () => {
  const wait = (): StepOutcome => waitFor(Promise.resolve(), wait);
  const { pipeline, log } = single(wait);
  pipeline.run('x');
  await new Promise(setImmediate);
  assert.deepEqual(log, ['fault x: a request has waited 8 times and is to wait again']);
  assert.equal(pipeline.held, 0);
});

test('a wait that fails is a fault, and lets those behind it go on', async () => {
  const { pipeline, log } = single(() => waitFor(Promise.reject(new Error('broken')), () => assert.fail()));
  pipeline.run('x');
  pipeline.run('x');
  await new Promise(setImmediate);
  assert.deepEqual(log, ['fault x: broken', 'fault x: broken']);
  assert.equal(pipeline.held, 0);
});
