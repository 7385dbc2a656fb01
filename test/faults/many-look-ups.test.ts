import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';

const alice = 'alice@contoso.test';
/** More look-ups than are made at a time, from as many connections as may wait for them. */
const connections = 17;
const perConnection = 32;

let lab: LabUnderTest;
const endpoints: TestEndpoint[] = [];

before(async () => {
  lab = await LabUnderTest.start(['dead.test TIMEOUT']);
  await lab.run('contoso', 'Set-CsFederatedDomain', { identity: 'dead.test', list: 'Allowed', includeSubdomains: true });
  await lab.run('contoso', 'Set-CsRegistrarConfiguration', { maxEndpointsPerUser: 64 });
  for (let i = 0; i < connections; i++) endpoints.push(await lab.signIn('contoso', alice));
});
after(() => lab?.stop());

test('while DNS is silent about hundreds of domains, the server goes on and refuses what it cannot look up', async () => {
  const domains = Array.from({ length: connections * perConnection }, (_, i) => `d${i}.dead.test`);
  const asked = domains.map((domain, i) =>
    (endpoints[i % connections] as TestEndpoint).sendMessage(`nobody@${domain}`, 'Is anybody there?'),
  );
  const inside = await (endpoints[0] as TestEndpoint).sendMessage('adam@contoso.test', 'Still here?');
  assert.ok(inside.ok, 'the server has answered while they wait');
  const outcomes = await Promise.all(asked);
  for (const outcome of outcomes) {
    assert.ok(outcome.ok, outcome.ok ? '' : outcome.error.text);
    // what goes beyond the share of one account is refused without a look-up
    assert.match(`${outcome.value.status} ${outcome.value.diagnostics}`, /^(?:504 1007|503 )/);
  }
});
