import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPassword } from './lab-store.ts';

const addresses: readonly [given: string, url: string, password: string | undefined][] = [
  ['postgres://parley:p%40ss@db:5432/lab', 'postgres://parley@db:5432/lab', 'p@ss'],
  ['postgresql://parley:s@/lab?host=/run/postgresql&port=5433', 'postgresql://parley@/lab?host=/run/postgresql&port=5433', 's'],
  ['postgres://parley:100%@db/lab', 'postgres://parley@db/lab', '100%'],
  ['postgres://db/lab?password=s%26t', 'postgres://db/lab', 's&t'],
  ['postgres://db/lab?user=u&password=s&sslmode=require', 'postgres://db/lab?user=u&sslmode=require', 's'],
  ['postgres://db/lab?password=s&user=u', 'postgres://db/lab?user=u', 's'],
  ['postgres://parley@db:5432/lab', 'postgres://parley@db:5432/lab', undefined],
  ['postgres://db:5432/lab', 'postgres://db:5432/lab', undefined],
];

for (const [given, url, password] of addresses) {
  test(`the address ${given} without its password`, () => {
    assert.deepEqual(withoutPassword(given), { url, ...(password === undefined ? {} : { password }) });
  });
}
