import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { decodeInput, encodeInput, readCorpus } from './corpus-file.ts';
import { checkTimed, fuzzPure } from './pure-fuzzer.ts';
import { pureTargets } from './pure-targets.ts';
import { RandomSource } from './random-source.ts';
import { playSession, ServerHealth } from './server-fuzzer.ts';
import { serverStates } from './server-states.ts';
import { sipTarget } from './sip-target.ts';
import { fuzzWatched } from './watched-fuzzer.ts';

const seed = 20_130_305;

test('corpus files keep every byte', () => {
  const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
  for (const input of ['', 'a', '\r\n', 'a\r\n', '\n\r\n\r', '\\x41\\', all, `${all}\r\n\r\n`]) {
    assert.equal(decodeInput(encodeInput(input)), input);
    assert.match(encodeInput(input), /^[\x20-\x7e\n]*\n$/);
  }
});

test('what was found once is found no more', () => {
  for (const target of pureTargets) {
    const entries = readCorpus(target.corpus);
    assert.ok(entries.length > 0, `${target.name} has a corpus`);
    for (const { name, input } of entries) {
      assert.equal(checkTimed(target, input, new RandomSource(seed)).problem, undefined, name);
    }
  }
});

test('a few seconds of new inputs for framer and parser', async () => {
  const { finding, inputs } = await fuzzWatched('sip', seed, 3);
  assert.deepEqual(finding, undefined);
  assert.ok(inputs > 100, `${inputs} inputs`);
});

test('a target that is wrong is found out', () => {
  const check = (input: string) => ({ problem: /[\\x80-\xff]/.test(input) ? 'a high byte' : undefined, signature: '' });
  assert.equal(fuzzPure({ ...sipTarget, check }, seed, 60).finding?.problem, 'a high byte');
  const throwing = () => {
    throw new Error('fault');
  };
  assert.match(fuzzPure({ ...sipTarget, check: throwing }, seed, 60).finding?.problem ?? '', /^throws Error: fault/);
});

test('the servers live through the corpus in every state of a connection', async () => {
  const lab = await LabUnderTest.start();
  try {
    const health = await ServerHealth.of(lab);
    for (const state of await serverStates(lab)) {
      const inputs = [...state.seeds, ...readCorpus(state.corpus).map(({ input }) => input)];
      assert.ok(inputs.length > 0, `${state.name} has a corpus`);
      for (const input of inputs) await playSession(state, [input], new RandomSource(seed));
      assert.equal(await health.problem(), undefined, state.name);
    }
  } finally {
    await lab.stop();
  }
});
