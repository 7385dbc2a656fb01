import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';

/** More look-ups than are made at a time, by as many accounts as it takes: each may wait for so many. */
const accounts = 17;
const perAccount = 32;
const domains = Array.from({ length: accounts * perAccount }, (_, i) => `d${i}.dead.test`);

let lab: LabUnderTest;
const endpoints: TestEndpoint[] = [];

before(async () => {
  lab = await LabUnderTest.start(['dead.test TIMEOUT'], ['--load-users', String(accounts)]);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: 'dead.test', list: 'Allowed', includeSubdomains: true });
  for (let i = 0; i < accounts; i++) endpoints.push(await lab.signIn('contoso', `u${i}@contoso.test`));
});
after(async () => {
  await assertAtRest(lab);
  await lab?.stop();
});

test('while DNS is silent about more domains than are looked up at a time, the server goes on and refuses what it cannot look up', async () => {
  let answers = 0;
  const asked = domains.map(async (domain, i) => {
    const outcome = await (endpoints[i % accounts] as TestEndpoint).sendMessage(`nobody@${domain}`, 'Is anybody there?');
    answers++;
    return outcome;
  });
  const inside = await (endpoints[0] as TestEndpoint).sendMessage('u1@contoso.test', 'Still here?');
  assert.ok(inside.ok, inside.ok ? '' : inside.error.text);
  assert.equal(inside.value.status, 200);
  // all but those beyond the look-ups at a time
  assert.ok(domains.length - answers >= 500, `${answers} are answered already`);
  for (const outcome of await Promise.all(asked)) {
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.error.text);
    assert.match(`${outcome.value.status} ${outcome.value.diagnostics}`, /^504 1007/);
  }
});
