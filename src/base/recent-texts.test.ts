import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecentTexts } from './recent-texts.ts';

describe('recent texts', () => {
  it('knows what came lately, and forgets what two generations have not named', () => {
    const texts = new RecentTexts<{ n: number }>(2);
    const known = () => [1, 2, 3, 4, 5].filter(n => texts.get(`text ${n}`)?.n === n);
    for (let n = 1; n <= 4; n++) texts.keep(`text ${n}`, { n });
    assert.equal(texts.get('text 3')?.n, 3);
    texts.keep('text 5', { n: 5 });
    // named again, it is young again
    assert.equal(texts.get('text 3')?.n, 3);
    texts.keep('text 6', { n: 6 });
    assert.deepEqual(known(), [3, 5]);
  });

  it('keeps no long text', () => {
    const texts = new RecentTexts<object>(2);
    texts.keep('x'.repeat(257), {});
    assert.equal(texts.get('x'.repeat(257)), undefined);
  });
});
