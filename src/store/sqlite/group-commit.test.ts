import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import type { Binding } from '../../model/binding.ts';
import { runWrites } from './group-commit.ts';
import { openSqliteDatabase } from './sqlite-database.ts';
import type { SqliteRequest } from './sqlite-protocol.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-group-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(id: number, aor: string | null): Extract<SqliteRequest, { kind: 'write' }> {
  const binding = { aor, instance: 'i', tenant: 't', contactUri: '', callId: '', cseq: 1, priority: 0 };
  const rest = { node: 'n', incarnation: '1', flow: 'f', userAgent: '', registeredAtMs: 1, expiresAtMs: 2 };
  return { kind: 'write', id, name: 'writeBindings', atMs: 1, args: [[{ ...binding, ...rest } as Binding], []] };
}

it('many writes share one commit; a faulty one takes nothing with it', async () => {
  const opened = await openSqliteDatabase({ path: join(folder, 'parley.db') });
  assert.ok(opened.ok);
  const { connection } = opened.value;
  const statements: string[] = [];
  const exec = connection.exec.bind(connection);
  connection.exec = sql => {
    statements.push(sql);
    exec(sql);
  };
  const answers = await runWrites(opened.value, [write(1, 'a@x.test'), write(2, null), write(3, 'b@x.test')]);
  assert.deepEqual(
    answers.map(answer => [answer.id, answer.kind]),
    [
      [1, 'value'],
      [2, 'fault'],
      [3, 'value'],
    ],
  );
  assert.equal(statements.filter(sql => sql === 'COMMIT').length, 1);
  assert.equal(connection.prepare('select count(*) as n from bindings').get()?.n, 2);
  connection.close();
});
