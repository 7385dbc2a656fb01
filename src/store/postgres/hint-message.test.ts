import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Aor, UserId } from '../../model/names.ts';
import type { StoreHint } from '../store.ts';
import { type HintMessage, readHintMessage, writeHintMessage } from './hint-message.ts';

const users = (count: number): StoreHint => ({
  kind: 'users',
  ids: Array.from({ length: count }, (_, i) => `01JUSER${String(i).padStart(19, '0')}` as UserId),
});
const bindings = (count: number, name: string): StoreHint => ({
  kind: 'bindings',
  aors: Array.from({ length: count }, (_, i) => `${name}${i}@contoso.test` as Aor),
});
const configuration: StoreHint = { kind: 'configuration', version: { epoch: 1, number: 7 } };
const message = (...hints: StoreHint[]): HintMessage => ({ origin: 'a1', revision: { epoch: 1, number: 7 }, hints });

/** All names of one kind in several messages. */
function namesOf(messages: readonly HintMessage[]): string[] {
  const namesIn = (hint: StoreHint): readonly string[] =>
    hint.kind === 'users' ? hint.ids : hint.kind === 'bindings' ? hint.aors : [];
  return messages.flatMap(({ hints }) => hints.flatMap(namesIn));
}

describe('hint message', () => {
  it('is one payload where it fits', () => {
    const whole = message(configuration, users(3), bindings(2, 'ä'));
    const payloads = writeHintMessage(whole);
    assert.equal(payloads.length, 1);
    assert.deepEqual(readHintMessage(payloads[0] ?? ''), whole);
  });

  it('is split where it is long: every payload is below the limit, no name is lost or doubled', () => {
    const long = message(configuration, users(1000), bindings(1500, 'ü"\\'));
    const payloads = writeHintMessage(long);
    assert.ok(payloads.length > 5);
    for (const payload of payloads) assert.ok(Buffer.byteLength(payload) < 8000);
    const read = payloads.map(readHintMessage);
    assert.deepEqual(namesOf(read), namesOf([long]));
    assert.ok(read.every(({ origin, revision }) => origin === 'a1' && revision?.number === 7));
    assert.deepEqual(read[0]?.hints, [configuration]);
  });

  it('asks for a new reading of everything where it would be too long, and where one name is', () => {
    for (const hint of [users(100_000), bindings(1, 'x'.repeat(8000))]) {
      const payloads = writeHintMessage(message(configuration, hint));
      assert.deepEqual(payloads.map(readHintMessage), [message({ kind: 'resync' })]);
    }
  });

  for (const payload of ['', 'garbage', '{}', '{"origin":"b","hints":[{"kind":"of a later version"}]}', 'null', '[]']) {
    it(`takes "${payload}" for a change of anything`, () => {
      assert.deepEqual(readHintMessage(payload).hints, [{ kind: 'resync' }]);
    });
  }
});
