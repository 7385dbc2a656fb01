import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerLog } from '../observe/server-log.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { FaultPolicy } from './fault-policy.ts';

function policyAt(clock: FakeClock) {
  const lines: string[] = [];
  const exits: number[] = [];
  const output = {
    write(bytes: Uint8Array) {
      lines.push(Buffer.from(bytes).toString());
      return bytes.length;
    },
  };
  const log = new ServerLog('fe.contoso.test', 'info', clock, output);
  return { policy: new FaultPolicy(log, clock, code => exits.push(code)), lines, exits };
}

test('a fault at a boundary is logged and ends nothing', () => {
  const { policy, lines, exits } = policyAt(new FakeClock());
  policy.caught('a listener', new Error('odd'));
  assert.match(lines.join(''), /"event":"fault".*odd.*"msg":"a listener"/);
  assert.deepEqual(exits, []);
});

test('a fault that nothing caught ends the process after what is under way', async () => {
  const { policy, lines, exits } = policyAt(new FakeClock());
  const drained = Promise.withResolvers<void>();
  policy.drainWith(() => drained.promise);
  policy.uncaught(new Error('odd'));
  assert.match(lines.join(''), /"ending-after-fault"/);
  assert.deepEqual(exits, []);
  drained.resolve();
  await drained.promise.then(() => {});
  assert.deepEqual(exits, [70]);
});

test('what is under way gets five seconds, and nothing after a second fault', () => {
  const clock = new FakeClock();
  const slow = policyAt(clock);
  slow.policy.drainWith(() => new Promise(() => {}));
  slow.policy.uncaught(new Error('odd'));
  clock.advance(4_999);
  assert.deepEqual(slow.exits, []);
  clock.advance(1);
  assert.deepEqual(slow.exits, [70]);
  const twice = policyAt(clock);
  twice.policy.drainWith(() => new Promise(() => {}));
  twice.policy.uncaught(new Error('one'));
  twice.policy.uncaught(new Error('two'));
  assert.deepEqual(twice.exits, [70]);
});
