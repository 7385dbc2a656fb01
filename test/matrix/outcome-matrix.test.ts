import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { matrixDocument, type SeenRow } from './matrix-document.ts';
import { type MatrixCell, MatrixLab } from './matrix-lab.ts';
import { type MatrixRow, matrixRows, type RowOutcome, requestKinds } from './matrix-rows.ts';

const documentFile = fileURLToPath(new URL('../../docs/federation-matrix.md', import.meta.url));
const seen: SeenRow[] = [];
let lab: MatrixLab;

before(async () => {
  lab = await MatrixLab.start();
});
after(() => lab?.stop());

for (const row of matrixRows) {
  test(row.name, async () => {
    const cells: MatrixCell[] = [];
    for (const [discovery, wanted] of [
      [false, row.discoveryOff],
      [true, row.discoveryOn],
    ] as const) {
      await lab.apply(row.domain, row.setUp, discovery);
      const cell = await lab.exchange(row.domain);
      cells.push(cell);
      assertCell(cell, wanted, row, discovery);
    }
    const [off, on] = cells as [MatrixCell, MatrixCell];
    seen.push({ row, off, on });
  });
}

test('the page in the documentation shows what was seen', () => {
  assert.equal(seen.length, matrixRows.length);
  const document = matrixDocument(seen);
  if (process.env.UPDATE_DOCS === '1') writeFileSync(documentFile, document);
  assert.equal(readFileSync(documentFile, 'utf8'), document, 'run it with UPDATE_DOCS=1');
});

function assertCell(cell: MatrixCell, wanted: RowOutcome, { except, outboundReason }: MatrixRow, discovery: boolean): void {
  for (const kind of requestKinds) {
    const { outbound, outboundDiagnostics, inbound, inboundDiagnostics } = cell[kind];
    assert.deepEqual({ outbound, inbound }, except?.[kind] ?? wanted, `${kind}, discovery ${discovery}`);
    if (/^\d+ \d+$/.test(outbound)) {
      // our own sender is told why, by a server of ours
      assert.match(outboundDiagnostics ?? '', /^\d+;source="[^"]*\.contoso\.test";reason="[^"]+"/, kind);
      assert.match(outboundDiagnostics ?? '', outboundReason ?? /./, kind);
    }
    if (inbound !== 'delivered') {
      // the partner's Edge may only note that it was told nothing: ours has given no reason
      assert.match(inboundDiagnostics ?? '', /^1034;source="edge-int\.lynconline\.test"/, kind);
    }
  }
}
