import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { inliningFlag } from './engine-settings.ts';

test('the engine knows what it is told', () => {
  const known = spawnSync(process.execPath, [inliningFlag, '--eval', ''], { encoding: 'utf8' });
  assert.deepEqual({ status: known.status, words: known.stderr }, { status: 0, words: '' });
  const unknown = spawnSync(process.execPath, [inliningFlag.replace('inlined', 'unheard'), '--eval', ''], { encoding: 'utf8' });
  assert.notEqual(unknown.status, 0);
});
