import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SipMessage } from '../../src/sip/message.ts';
import { serialise } from '../../src/sip/serialise.ts';
import { readWholeMessage } from '../../src/sip/whole-message.ts';
import { digestOf, framesOf, missingBytes, outcomeOf, wantedOf } from './judge-framing.ts';
import { tortureDocument } from './torture-document.ts';
import type { TortureRow } from './torture-row.ts';
import { originalRows, tortureTable } from './torture-table.ts';

const documentFile = fileURLToPath(new URL('../../docs/torture.md', import.meta.url));

test('the table has every point of both RFCs', () => {
  const points = (rfc: string) => new Set(tortureTable.filter(row => row.rfc === rfc).map(row => row.section)).size;
  assert.equal(points('RFC 4475'), 49);
  assert.equal(points('RFC 5118'), 10);
  assert.equal(new Set(tortureTable.map(row => row.name)).size, tortureTable.length);
});

test('own messages: whole, cut at every offset, byte by byte, as a datagram', () => {
  for (const row of tortureTable) judge(row);
});

test('the messages of RFC 4475', context => {
  const rows = originalRows();
  if (rows.length === 0) return context.skip('their folder is not there; PARLEY_TORTURE names it');
  assert.equal(rows.length, 49);
  for (const row of rows) judge(row);
});

test('the page says what the table says', () => {
  const document = tortureDocument(tortureTable);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(documentFile, document);
  assert.equal(readFileSync(documentFile, 'utf8'), document, 'run it with UPDATE_DOCS=1');
});

function judge(row: TortureRow): void {
  const bytes = Buffer.from(row.message, 'latin1');
  const whole = framesOf([bytes]);
  const [first] = whole;
  assert.equal(first === undefined ? 'more' : outcomeOf(first), wantedOf(row), row.name);
  const digest = digestOf(whole);
  for (let cut = 1; cut < bytes.length; cut++) {
    const frames = framesOf([bytes.subarray(0, cut), bytes.subarray(cut)]);
    assert.equal(digestOf(frames), digest, `${row.name}, cut at ${cut}`);
  }
  const single = framesOf(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)));
  assert.equal(digestOf(single), digest, `${row.name}, byte by byte`);
  if (first?.kind === 'message') isStable(row, first.message);
  judgeDatagram(row, bytes);
  if (row.verdict.kind === 'wait') judgeRest(row, bytes);
}

/** Written out again and read again it is the same message. */
function isStable({ name }: TortureRow, message: SipMessage): void {
  const written = serialise({ head: `${message.head}\r\n`, body: message.body });
  const [again] = framesOf([written]);
  assert.ok(again?.kind === 'message', name);
  assert.deepEqual(again.message.headers(), message.headers(), name);
  assert.equal(again.message.head, message.head, name);
  assert.deepEqual([...again.message.body], [...message.body], name);
  assert.equal(again.message.canonical, true, name);
}

function judgeDatagram(row: TortureRow, bytes: Uint8Array): void {
  const whole = readWholeMessage(bytes);
  const wanted = row.datagram ?? (wantedOf(row) === 'message' ? 'accept' : 'reject');
  assert.equal(whole.kind === 'message' ? 'accept' : 'reject', wanted, `${row.name} as a datagram`);
}

/** However much is missing: with it the message is there. */
function judgeRest(row: TortureRow, bytes: Uint8Array): void {
  const missing = missingBytes(row.message);
  assert.deepEqual(framesOf([bytes, Buffer.alloc(missing - 1)]), []);
  assert.equal(framesOf([bytes, Buffer.alloc(missing)])[0]?.kind, 'message');
}
