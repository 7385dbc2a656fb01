// `npm run fuzz [-- target…]`: every target for FUZZ_SECONDS (60), inputs from FUZZ_SEED. What is found is kept in the corpus.
import { randomInt } from 'node:crypto';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { keepInput } from './corpus-file.ts';
import { pureTargets } from './pure-targets.ts';
import { RandomSource } from './random-source.ts';
import { fuzzServer, playSession, type ServerFinding, ServerHealth } from './server-fuzzer.ts';
import type { ServerState } from './server-state.ts';
import { serverStateNames, serverStates } from './server-states.ts';
import { fuzzWatched } from './watched-fuzzer.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? 60);
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const wanted = process.argv.slice(2);
const names = [...pureTargets.map(({ name }) => name), ...serverStateNames];
const unknown = wanted.find(name => !names.includes(name));
if (unknown !== undefined || !(seconds > 0) || !Number.isInteger(seed)) {
  process.stderr.write(`usage: npm run fuzz [-- ${names.join('|')} …]   with FUZZ_SECONDS and FUZZ_SEED as numbers\n`);
  process.exit(2);
}
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);

process.stdout.write(`FUZZ_SEED=${seed} FUZZ_SECONDS=${seconds}\n`);
let isClean = true;
for (const { name, corpus } of pureTargets.filter(target => isWanted(target.name))) {
  const { finding, inputs, kinds } = await fuzzWatched(name, seed, seconds);
  say(name, inputs, finding?.problem, `${kinds} kinds of outcome`);
  if (finding !== undefined) process.stdout.write(`  kept as ${keepInput(corpus, finding.input)}\n`);
}
const states = serverStateNames.filter(isWanted);
if (states.length > 0) await fuzzServers(states);
process.exit(isClean ? 0 : 1);

function say(name: string, inputs: number, problem: string | undefined, more: string): void {
  if (problem !== undefined) isClean = false;
  process.stdout.write(`${problem === undefined ? 'ok    ' : 'FOUND '} ${name}: ${problem ?? `${inputs} inputs, ${more}`}\n`);
}

async function fuzzServers(stateNames: readonly string[]): Promise<void> {
  for (const name of stateNames) {
    await withLab(async (health, all) => {
      const state = stateOf(all, name);
      const { finding, inputs } = await fuzzServer(health, state, seed, seconds);
      const megabytes = Math.round(health.residentBytes / 1024 / 1024);
      say(name, inputs, finding?.problem, `${megabytes} MB at most`);
      if (finding !== undefined) await keepCause(name, finding);
    });
  }
}

/** Looks among the last sessions for the one that is the cause, on a fresh lab, one after the other. */
async function keepCause(name: string, { sessions }: ServerFinding): Promise<void> {
  await withLab(async (health, all) => {
    const state = stateOf(all, name);
    for (const session of sessions) {
      const fault = await playSession(state, session, new RandomSource(seed)).then(() => undefined, String);
      if (fault === undefined && (await health.problem()) === undefined) continue;
      for (const input of session) process.stdout.write(`  kept as ${keepInput(state.corpus, input)}\n`);
      return;
    }
    process.stdout.write('  none of the last sessions does it alone\n');
  });
}

async function withLab(work: (health: ServerHealth, states: readonly ServerState[]) => Promise<void>): Promise<void> {
  const lab = await LabUnderTest.start();
  try {
    await work(await ServerHealth.of(lab), await serverStates(lab));
  } finally {
    await lab.stop();
  }
}

function stateOf(states: readonly ServerState[], name: string): ServerState {
  return states.find(state => state.name === name) as ServerState;
}
