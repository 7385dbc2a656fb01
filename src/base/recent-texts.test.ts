import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecentTexts } from './recent-texts.ts';

/** Numbers in texts, and which texts were worked on. */
function numbers(size: number) {
  const worked: string[] = [];
  const texts = new RecentTexts<{ readonly n: number }, undefined>(
    size,
    text => {
      worked.push(text);
      return text.endsWith('0') ? undefined : { n: Number(text.slice(5)) };
    },
    made => made !== undefined,
  );
  return { texts, taken: () => worked.splice(0) };
}

describe('recent texts', () => {
  it('works on what came lately once, wherever it stands', () => {
    const { texts, taken } = numbers(64);
    const first = texts.of('text 1');
    assert.equal(first?.n, 1);
    assert.equal(texts.at('a text 1 in others', 2, 8), first);
    assert.equal(texts.at('a text 11', 2, 9)?.n, 11);
    assert.deepEqual(taken(), ['text 1', 'text 11']);
  });

  it('keeps as many as it has places, each text as itself', () => {
    const { texts, taken } = numbers(4);
    const all = Array.from({ length: 100 }, (_, i) => `text ${i * 10 + 1}`);
    for (const text of [...all, ...all]) assert.equal(`text ${texts.of(text)?.n}`, text);
    assert.ok(taken().length >= 2 * all.length - 4);
    texts.of('text 991');
    texts.of('text 991');
    assert.ok(taken().length <= 1);
  });

  it('keeps no long text, and nothing that is not to be kept', () => {
    const { texts, taken } = numbers(64);
    const long = `text ${'1'.repeat(252)}`;
    for (const text of [long, long, 'text 0', 'text 0']) texts.of(text);
    assert.deepEqual(taken(), [long, long, 'text 0', 'text 0']);
    assert.equal(texts.of('')?.n, 0);
  });

  it('has a power of two of places', () => {
    assert.throws(() => numbers(6));
  });
});
