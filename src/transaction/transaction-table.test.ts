import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientTransactionKey } from './transaction-key.ts';
import { TableEntry, TransactionList, TransactionTable } from './transaction-table.ts';

class Entry extends TableEntry {
  constructor(branch: string) {
    super(clientTransactionKey(branch, 'MESSAGE'));
  }

  onTime(): void {}
}

test('what is in the table is found by its key, and nothing else, over any number of additions and removals', () => {
  const table = new TransactionTable<Entry>();
  const model = new Map<string, Entry>();
  let next = 0;
  for (let round = 0; round < 30_000; round++) {
    // grows over several doublings, then shrinks to nothing
    const grows = round < 20_000 ? round % 3 !== 0 : false;
    if (grows) {
      const entry = new Entry(`z9hG4bK${next++} peer.test:5061 MESSAGE`);
      table.add(entry);
      model.set(entry.key.id, entry);
    } else {
      const [oldest] = model.values();
      if (!oldest) continue;
      table.delete(oldest);
      table.delete(oldest);
      model.delete(oldest.key.id);
      assert.equal(table.get(oldest.key), undefined);
      assert.equal(oldest.tableNext, undefined, 'holds on to nobody');
    }
    assert.equal(table.size, model.size);
  }
  for (let i = 0; i < next; i++) {
    const branch = `z9hG4bK${i} peer.test:5061 MESSAGE`;
    assert.equal(table.get(clientTransactionKey(branch, 'MESSAGE')), model.get(branch));
  }
});

test('a list gives all it holds, whichever was taken out', () => {
  const entries = ['a', 'b', 'c', 'd'].map(key => new Entry(key));
  for (const taken of entries) {
    const list = new TransactionList<Entry>();
    for (const entry of entries) list.add(entry);
    list.delete(taken);
    list.delete(taken);
    assert.deepEqual(new Set(list.all()), new Set(entries.filter(entry => entry !== taken)));
    for (const entry of entries) list.delete(entry);
    assert.deepEqual(list.all(), []);
  }
});
