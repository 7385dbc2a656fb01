import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor, TenantId } from '../model/names.ts';
import { user } from '../store/suite/samples.ts';
import { findUser } from './user-finder.ts';

test('a user whose stored address could not get its one form is found by it, and not the one who has that form', () => {
  const [kept, ann] = ['%61nn@contoso.test', 'ann@contoso.test'].map((aor, at) =>
    user(at, { aor: aor as Aor, displayName: 'Ann' }),
  );
  assert.ok(kept && ann);
  const all = [kept, ann];
  const users = { find: (aor: Aor) => all.find(each => each.aor === aor), get: () => undefined, all: () => all };
  const found = (identity: string, tenant?: string) => {
    const result = findUser(users, tenant, identity);
    return result.ok ? result.value.aor : result.error.code;
  };
  assert.equal(found('%61nn@contoso.test'), kept.aor);
  assert.equal(found(' %61nn@contoso.test '), kept.aor);
  assert.equal(found('sip:Ann@contoso.test'), ann.aor);
  assert.equal(found('%61nn@contoso.test', 'another' as TenantId), 'OBJECT_UNKNOWN');
});
