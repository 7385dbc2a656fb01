import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecentTexts } from './recent-texts.ts';

/** Numbers in texts, and which texts were worked on. */
function numbers() {
  const worked: string[] = [];
  const texts = new RecentTexts<{ readonly n: number }, undefined>(
    2,
    text => {
      worked.push(text);
      return text.endsWith('0') ? undefined : { n: Number(text.slice(5)) };
    },
    made => made !== undefined,
  );
  return { texts, taken: () => worked.splice(0) };
}

describe('recent texts', () => {
  it('knows what came lately, and forgets what two generations have not named', () => {
    const { texts, taken } = numbers();
    for (let n = 1; n <= 4; n++) assert.equal(texts.of(`text ${n}`)?.n, n);
    assert.deepEqual(taken(), ['text 1', 'text 2', 'text 3', 'text 4']);
    assert.equal(texts.of('text 3')?.n, 3);
    texts.of('text 5');
    // named again, it is young again
    assert.equal(texts.of('text 3')?.n, 3);
    texts.of('text 6');
    assert.deepEqual(taken(), ['text 5', 'text 6']);
    assert.equal(texts.of('text 3')?.n, 3);
    assert.equal(texts.of('text 5')?.n, 5);
    assert.deepEqual(taken(), []);
    assert.equal(texts.of('text 4')?.n, 4);
    assert.deepEqual(taken(), ['text 4']);
  });

  it('keeps no long text, and nothing that is not to be kept', () => {
    const { texts, taken } = numbers();
    const long = `text ${'1'.repeat(252)}`;
    for (const text of [long, long, 'text 0', 'text 0']) texts.of(text);
    assert.deepEqual(taken(), [long, long, 'text 0', 'text 0']);
  });
});
