import type { RandomSource } from './random-source.ts';

/** Changes an input a little, or a lot: `words` are what the format is sensitive to, `others` are inputs to take pieces from. */
export function mutate(random: RandomSource, input: string, words: readonly string[], others: readonly string[]): string {
  let text = input;
  for (let changes = 1 + random.integer(random.pick([1, 2, 4, 16])); changes > 0; changes--) {
    text = changeOnce(random, text, words, others);
  }
  return text;
}

function changeOnce(random: RandomSource, text: string, words: readonly string[], others: readonly string[]): string {
  const at = random.once(2) ? boundary(random, text) : random.integer(text.length + 1);
  const length = Math.min(random.length(), text.length - at);
  const before = text.slice(0, at);
  const piece = text.slice(at, at + length);
  const after = text.slice(at + length);
  switch (random.integer(10)) {
    case 0:
      return before + String.fromCharCode(random.integer(256)) + text.slice(at + 1);
    case 1:
      return before + after;
    case 2:
      return before + random.pick(words) + text.slice(at);
    case 3:
      return before + random.pick(words) + after;
    case 4:
      return before + piece + piece + after;
    case 5:
      return before + piece.repeat(1 + random.integer(20)) + after;
    case 6: {
      const other = random.pick(others);
      const from = random.integer(other.length + 1);
      return before + other.slice(from, from + random.length()) + after;
    }
    case 7:
      return changeNumber(random, text, at);
    case 8:
      return changeLine(random, text);
    default:
      return before;
  }
}

/** A place before or after something that separates. */
function boundary(random: RandomSource, text: string): number {
  const separator = /\r\n|[;:,=<>"&@ ]/g;
  separator.lastIndex = random.integer(text.length + 1);
  const found = separator.exec(text);
  if (found === null) return text.length;
  return found.index + (random.once(2) ? found[0].length : 0);
}

const numbers = [
  '0',
  '-1',
  '1',
  '255',
  '256',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '4294967296',
  '1e9',
  '0x10',
  '',
  '00',
];

/** Another number for the first one at or after `at`. */
function changeNumber(random: RandomSource, text: string, at: number): string {
  const number = /\d+/g;
  number.lastIndex = at;
  const found = number.exec(text);
  if (found === null) return text;
  return text.slice(0, found.index) + random.pick(numbers) + text.slice(found.index + found[0].length);
}

/** A line twice, gone, or somewhere else. */
function changeLine(random: RandomSource, text: string): string {
  const lines = text.split('\r\n');
  const from = random.integer(lines.length);
  const [line = ''] = random.once(2) ? lines.splice(from, 1) : lines.slice(from, from + 1);
  if (!random.once(3)) lines.splice(random.integer(lines.length + 1), 0, line);
  return lines.join('\r\n');
}
