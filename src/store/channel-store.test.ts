import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { FailureError, failure } from '../base/failure.ts';
import { err } from '../base/result.ts';
import { answerStoreQuestion, StoreChannel } from './channel-store.ts';
import { openSqliteStore } from './sqlite/sqlite-store.ts';
import type { Store } from './store.ts';
import { storeSuite } from './store-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-channel-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A store at the other end of a channel that copies what passes, as one between processes does. */
function overChannel(store: Store): Store {
  const channel = new StoreChannel(question => {
    void answerStoreQuestion(store, structuredClone(question)).then(answer => channel.take(structuredClone(answer)));
  });
  store.onHint(hint => channel.hint(structuredClone(hint)));
  return channel.store;
}

async function openBoth(path: string): Promise<{ readonly real: Store; readonly channel: Store }> {
  const opened = await openSqliteStore({ path, clock: systemClock });
  assert.ok(opened.ok);
  return { real: opened.value, channel: overChannel(opened.value) };
}

storeSuite('a channel to the process that has it', async () => {
  const path = join(folder, `${files++}`, 'parley.db');
  let both = await openBoth(path);
  const close = async () => {
    await both.channel.close();
    await both.real.close();
  };
  return {
    store: () => both.channel,
    close,
    async reopen() {
      await close();
      both = await openBoth(path);
    },
  };
});

test('failures pass without what cannot leave a process', async () => {
  const unreadable = failure('STORE_UNAVAILABLE', { reason: 'the disk is gone' }, () => 'a function');
  const broken = {
    readRevisions: () => Promise.reject(new FailureError(unreadable)),
    writeBindings: async () => err(unreadable),
    readUsers: () => Promise.reject(new Error('a fault of ours')),
    onHint: () => () => {},
  } as unknown as Store;
  const channel = overChannel(broken);
  await assert.rejects(channel.readRevisions(1), (error: FailureError) => error.failure.text === unreadable.text);
  const written = await channel.writeBindings([], []);
  assert.equal(written.ok ? '' : written.error.text, unreadable.text);
  await assert.rejects(channel.readUsers(), /readUsers in the process that has the store: a fault of ours/);
});
