import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import type { LogOutput } from './log-output.ts';
import { LogWriter } from './log-writer.ts';

/** An output that takes so many bytes and then fails as the system does. */
class NarrowOutput implements LogOutput {
  text = '';
  room = Number.POSITIVE_INFINITY;
  code = 'EAGAIN';

  write(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.room);
    if (taken === 0) throw Object.assign(new Error(this.code), { code: this.code });
    this.room -= taken;
    this.text += Buffer.from(bytes.subarray(0, taken)).toString('latin1');
    return taken;
  }
}

function writerTo(output: LogOutput, clock = new FakeClock()) {
  return { writer: new LogWriter(output, clock, count => `lost ${count}\n`), clock };
}

test('a line that fits only in part is finished when there is room, before the next one', () => {
  const output = new NarrowOutput();
  const { writer, clock } = writerTo(output);
  output.room = 4;
  writer.write('one line\n');
  writer.write('another\n');
  assert.equal(output.text, 'one ');
  assert.deepEqual(writer.problem, { reason: 'its reader does not read', sinceMs: clock.now() });
  clock.advance(1_000);
  assert.equal(output.text, 'one ');
  output.room = Number.POSITIVE_INFINITY;
  clock.advance(1_000);
  assert.equal(output.text, 'one line\nanother\n');
  assert.equal(writer.problem, undefined);
  assert.deepEqual([writer.waitingBytes, writer.lost, clock.timers], [0, 0, 0]);
});

test('what finds no room in the queue is lost, counted, and told when it can be', () => {
  const output = new NarrowOutput();
  const { writer, clock } = writerTo(output);
  output.room = 0;
  output.code = 'ENOSPC';
  const line = `${'x'.repeat(99)}\n`;
  for (let n = 0; n < 20_000; n++) writer.write(line);
  assert.equal(writer.problem?.reason, 'no space is left on the disk');
  assert.ok(writer.waitingBytes <= 1024 * 1024, `${writer.waitingBytes}`);
  const kept = writer.waitingBytes / line.length;
  assert.equal(writer.lost, 20_000 - kept);
  output.room = Number.POSITIVE_INFINITY;
  clock.advance(1_000);
  assert.equal(output.text, `${line.repeat(kept)}lost ${20_000 - kept}\n`);
  writer.write('next\n');
  assert.ok(output.text.endsWith(`lost ${20_000 - kept}\nnext\n`));
  assert.equal(writer.lost, 20_000 - kept);
});

test('an output that fails for good costs a bounded queue and nothing else', () => {
  const output = new NarrowOutput();
  output.room = 0;
  output.code = 'EPIPE';
  const { writer, clock } = writerTo(output);
  for (let n = 0; n < 3_000; n++) {
    writer.write(`${'y'.repeat(999)}\n`);
    clock.advance(50);
  }
  assert.ok(writer.waitingBytes <= 1024 * 1024);
  assert.equal(clock.timers, 1);
  assert.equal(writer.problem?.reason, 'its reader is gone');
});

test('an output that takes nothing without a word is asked again later, not at once and for ever', () => {
  let isAsked = 0;
  const output: LogOutput = {
    write(bytes) {
      if (++isAsked > 10) throw new Error('asked again and again');
      return isAsked < 3 ? 0 : bytes.length;
    },
  };
  const { writer, clock } = writerTo(output);
  writer.write('a line\n');
  assert.deepEqual([isAsked, writer.problem?.reason], [1, 'its reader does not read']);
  clock.advance(1_000);
  assert.deepEqual([isAsked, writer.problem, writer.waitingBytes], [3, undefined, 0]);
});
