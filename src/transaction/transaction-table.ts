import { WheelEntry } from './timer-wheel.ts';
import { isSameKey, type TransactionKey } from './transaction-key.ts';

/** A transaction as the table and the list of its layer hold it. The links belong to them. */
export abstract class TableEntry extends WheelEntry {
  /** What messages are matched by. */
  readonly key: TransactionKey;
  /** @internal The next one of the same bucket. */ tableNext: TableEntry | undefined = undefined;
  /** @internal The list it is in. */ list: { delete(entry: TableEntry): void } | undefined = undefined;
  /** @internal */ listNext: TableEntry | undefined = undefined;
  /** @internal */ listPrevious: TableEntry | undefined = undefined;

  constructor(key: TransactionKey) {
    super();
    this.key = key;
  }
}

const firstSize = 1024;

/**
 * Transactions by key, chained through their own links.
 *
 * Not a Map: one that is filled and emptied all the time makes itself a new table again and again, and each old table that the collector has
 * moved to its old generation keeps alive whatever the tables after it ever held. A seventh of all that messages allocate survived so.
 */
export class TransactionTable<E extends TableEntry> {
  #buckets: (TableEntry | undefined)[] = emptyBuckets(firstSize);
  #size = 0;

  /** How many transactions there are. */
  get size(): number {
    return this.#size;
  }

  /** The transaction of a key. */
  get(key: TransactionKey): E | undefined {
    let entry = this.#buckets[key.hash & (this.#buckets.length - 1)];
    while (entry !== undefined && !isSameKey(entry.key, key)) entry = entry.tableNext;
    return entry as E | undefined;
  }

  /** Adds a transaction whose key is not there. */
  add(entry: E): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    chain(this.#buckets, entry);
    this.#size++;
  }

  /** Takes a transaction out; nothing happens if it is not there. */
  delete(entry: E): void {
    const buckets = this.#buckets;
    const at = entry.key.hash & (buckets.length - 1);
    let before: TableEntry | undefined;
    let found = buckets[at];
    while (found !== undefined && found !== entry) {
      before = found;
      found = found.tableNext;
    }
    if (found === undefined) return;
    if (before === undefined) buckets[at] = entry.tableNext;
    else before.tableNext = entry.tableNext;
    entry.tableNext = undefined;
    this.#size--;
  }

  #grow(): void {
    const before = this.#buckets;
    this.#buckets = emptyBuckets(before.length * 2);
    for (const first of before) {
      for (let entry = first; entry !== undefined; ) {
        const next: TableEntry | undefined = entry.tableNext;
        chain(this.#buckets, entry);
        entry = next;
      }
    }
  }
}

/** Transactions of one connection, in no particular order; chained like the table, and for its reason. */
export class TransactionList<E extends TableEntry> {
  #first: E | undefined;

  /** Adds a transaction that is in no list. */
  add(entry: E): void {
    entry.list = this;
    entry.listNext = this.#first;
    if (this.#first !== undefined) this.#first.listPrevious = entry;
    this.#first = entry;
  }

  /** Takes a transaction out; nothing happens if it is not there. */
  delete(entry: TableEntry): void {
    if (entry.list !== this) return;
    const { listNext: next, listPrevious: previous } = entry;
    if (previous === undefined) this.#first = next as E | undefined;
    else previous.listNext = next;
    if (next !== undefined) next.listPrevious = previous;
    entry.list = undefined;
    entry.listNext = undefined;
    entry.listPrevious = undefined;
  }

  /** All of them now: what happens to the list meanwhile is not seen. */
  all(): readonly E[] {
    const entries: E[] = [];
    for (let entry = this.#first; entry !== undefined; entry = entry.listNext as E | undefined) entries.push(entry);
    return entries;
  }
}

function emptyBuckets(size: number): (TableEntry | undefined)[] {
  return Array.from({ length: size }, () => undefined);
}

function chain(buckets: (TableEntry | undefined)[], entry: TableEntry): void {
  const at = entry.key.hash & (buckets.length - 1);
  entry.tableNext = buckets[at];
  buckets[at] = entry;
}
