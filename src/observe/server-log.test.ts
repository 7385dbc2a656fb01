import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../base/failure.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { type RequestFacts, ServerLog } from './server-log.ts';

interface Line {
  readonly event: string;
  readonly code?: string;
  readonly kind?: string;
  readonly count?: number;
  readonly msg?: string;
  readonly address?: string;
}

function logAt(clock: FakeClock) {
  let text = '';
  const output = {
    write(bytes: Uint8Array) {
      text += Buffer.from(bytes).toString();
      return bytes.length;
    },
  };
  const log = new ServerLog('fe.contoso.test', 'info', clock, output);
  const raw = () => text.split('\n').slice(0, -1);
  return { log, raw, lines: () => raw().map(line => JSON.parse(line) as Line) };
}

const request: RequestFacts = { method: 'MESSAGE', callId: 'c1', from: 'sip:a@x.test', to: 'sip:b@contoso.test' };
const refusal = failure('API_TOKEN_WRONG');
const of = (lines: readonly Line[], event: string) => lines.filter(line => line.event === event);

test('many who do the same get the lines of one kind between them, and one of them a part only', () => {
  const clock = new FakeClock();
  const { log, lines } = logAt(clock);
  for (let n = 0; n < 1000; n++) log.failure('peer-turned-away', refusal, '192.0.2.1');
  assert.equal(of(lines(), 'peer-turned-away').length, 20);
  for (let n = 0; n < 1000; n++) log.failure('peer-turned-away', refusal, `198.51.100.${n}`);
  assert.equal(of(lines(), 'peer-turned-away').length, 60);
});

test('all kinds together have a limit, and faults of ours get through beside it', () => {
  const { log, lines } = logAt(new FakeClock());
  for (let n = 0; n < 100; n++) for (let k = 0; k < 10; k++) log.event(`kind-${n}`, { address: `192.0.2.${n}` });
  assert.equal(lines().length, 300);
  log.fault('a listener', new Error('odd'));
  assert.equal(of(lines(), 'fault').length, 1);
  for (let n = 0; n < 1000; n++) log.fault('a timer', new Error('odd'));
  assert.equal(of(lines(), 'fault').length, 61);
  assert.equal(log.state.faults, 1001);
});

test('what was left out is told when the minute is over, though the flood has stopped', () => {
  const clock = new FakeClock();
  const { log, lines } = logAt(clock);
  for (let n = 0; n < 500; n++) log.refused(request, refusal, 'authentication', '');
  clock.advance(60_000);
  const [told] = of(lines(), 'log-lines-left-out');
  assert.deepEqual([told?.kind, told?.count], ['refused API_TOKEN_WRONG', 480]);
  log.refused(request, refusal, 'authentication', '');
  assert.equal(of(lines(), 'refused').length, 21);
  clock.advance(600_000);
  assert.equal(of(lines(), 'log-lines-left-out').length, 1);
  assert.equal(clock.timers, 0);
});

test('no value and no line is longer than a line should be, and each stays JSON', () => {
  const { log, raw, lines } = logAt(new FakeClock());
  const long = 'x'.repeat(118_000);
  log.refused({ ...request, from: long, callId: long }, { ...refusal, text: long }, 'parser', long);
  log.event('odd', { deep: Array.from({ length: 100 }, () => ({ a: long, b: { c: { d: long } } })) });
  log.failure('odd', { ...refusal, fix: long }, long);
  log.fault(long, new Error(long));
  for (const line of raw()) assert.ok(line.length < 16_500, `${line.length}`);
  assert.equal(lines().length, 4);
  assert.match(lines()[0]?.msg ?? '', /^x{500}… \(118000 characters\)$/);
});

test('what a terminal would act on reaches no line raw', () => {
  const { log, raw, lines } = logAt(new FakeClock());
  const odd = 'a\u001b[2J\u007f\u009b31m\u202egnp.exe\u2028b\nc';
  log.refused({ ...request, from: odd }, refusal, 'parser', '');
  assert.doesNotMatch(raw().join(''), /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
  assert.equal((lines()[0] as unknown as RequestFacts).from, odd);
});
