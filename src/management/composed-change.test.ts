import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { administrator, deployContoso, type ManagementFixture, openManagement } from '../testing/management-fixture.ts';
import type { ComposedResult } from './composed-change.ts';

type Step = readonly [name: string, parameters: Record<string, unknown>];

describe('several commands as one change', () => {
  let fixture: ManagementFixture;

  function together(steps: readonly Step[], whatIf = false) {
    const commands = steps.map(([name, parameters]) => {
      const [verb = '', noun = ''] = name.split('-');
      return { verb, noun, parameters };
    });
    return fixture.management.executeTogether(commands, { whatIf }, administrator);
  }

  async function done(steps: readonly Step[], whatIf = false): Promise<ComposedResult> {
    const result = await together(steps, whatIf);
    assert.ok(result.ok, result.ok ? '' : result.error.text);
    return result.value;
  }

  async function refused(steps: readonly Step[]): Promise<string> {
    const result = await together(steps);
    assert.ok(!result.ok);
    assert.doesNotMatch(result.error.text + result.error.fix, /\{\w+\}/);
    return result.error.text;
  }

  const newest = async () => (await fixture.store.readRevisions(1))[0];
  const domains = async () => (await fixture.run('Get-CsFederatedDomain')).objects.map(object => object.identity);

  before(async () => {
    fixture = await openManagement();
    await deployContoso(fixture);
  });
  after(() => fixture.close());

  it('is one revision; each command sees what those before it do', async () => {
    const before = await newest();
    const result = await done([
      ['New-CsExternalAccessPolicy', { identity: 'Sales', enableFederationAccess: true }],
      ['Enable-CsUser', { identity: 'ann@contoso.test', generatePassword: true }],
      ['Grant-CsExternalAccessPolicy', { identity: 'ann@contoso.test', policyName: 'Sales' }],
      ['Set-CsUser', { identity: 'ann@contoso.test', displayName: 'Ann Ames' }],
      ['New-CsAllowedDomain', { identity: 'fabrikam.test', comment: 'Contract 17' }],
      ['Set-CsFederatedDomain', { identity: 'fabrikam.test', list: 'Blocked' }],
    ]);
    assert.deepEqual([result.kind, result.revision], ['changed', (before?.number ?? 0) + 1]);
    assert.match(result.message, /^6 commands carried out\. Saved/);
    assert.equal(result.commands.length, 6);
    assert.ok(result.commands[1]?.items?.[0]?.password);
    const revision = await newest();
    assert.deepEqual(revision?.changes.map(change => `${change.kind} ${change.identity}`).sort(), [
      'CsBlockedDomain fabrikam.test',
      'CsExternalAccessPolicy tag:Sales',
      'CsUser ann@contoso.test',
    ]);
    assert.match(revision?.summary ?? '', /^New-CsExternalAccessPolicy -Identity Sales .*; Enable-CsUser /);
    const [user] = (await fixture.run('Get-CsUser', { identity: 'ann@contoso.test' })).objects;
    assert.equal(user?.displayName, 'Ann Ames');
    assert.match(JSON.stringify(user), /Sales/);
    const [blocked] = (await fixture.run('Get-CsBlockedDomain', { identity: 'fabrikam.test' })).objects;
    assert.equal(blocked?.comment, 'Contract 17');
    assert.ok(fixture.sealed.has('ann@contoso.test'));
  });

  it('is nothing at all when one of them is refused, which is named', async () => {
    const before = await newest();
    const text = await refused([
      ['New-CsAllowedDomain', { identity: 'northwind.test' }],
      ['New-CsAllowedDomain', { identity: 'northwind.test' }],
    ]);
    assert.match(text, /^Command 2 of 2, New-CsAllowedDomain, is refused, so nothing was changed: .*northwind\.test/);
    assert.match(
      await refused([
        ['New-CsAllowedDomain', { identity: 'northwind.test' }],
        ['Enable-CsUser', { identity: ['ann@contoso.test', 'ben@contoso.test'] }],
      ]),
      /^Command 2 of 2, Enable-CsUser, .*ann@contoso\.test/,
    );
    assert.match(
      await refused([
        ['Disable-CsUser', { identity: 'ann@contoso.test', confirm: false }],
        ['Set-CsUser', { identity: 'ann@contoso.test', enabled: false }],
      ]),
      /^Command 2 of 2, Set-CsUser, .*no CsUser ann@contoso\.test/,
    );
    assert.match(await refused([['Get-CsUser', {}]]), /no part of a larger change/);
    assert.match(await refused([['Invoke-CsManagementStoreReplication', {}]]), /no part of a larger change/);
    assert.match(await refused([['Confirm-CsSipDomain', { identity: 'contoso.test' }]]), /no part of a larger change/);
    assert.match(await refused([['Disable-CsUser', { identity: 'ann@contoso.test' }]]), /Disable-CsUser/);
    assert.match(await refused([]), /1 to 200 commands/);
    assert.deepEqual(await newest(), before);
    assert.deepEqual(await domains(), ['fabrikam.test']);
  });

  it('what one of them sets for the deployment, a later one can give its defaults again', async () => {
    const set = ['Set-CsProxyConfiguration', { outgoingTlsCount: 2 }] as const;
    await done([set, ['Remove-CsProxyConfiguration', {}]]);
    const count = async () => (await fixture.run('Get-CsProxyConfiguration')).objects[0]?.outgoingTlsCount;
    assert.equal(await count(), 4);
    await done([set]);
    await done([['Set-CsProxyConfiguration', { outgoingTlsCount: 3 }], ['Remove-CsProxyConfiguration', {}], set]);
    assert.equal(await count(), 2);
    await done([['Remove-CsProxyConfiguration', {}]]);
    assert.equal(await count(), 4);
  });

  it('is refused as soon as it is too large, and others get their turn meanwhile', async () => {
    const before = await newest();
    let turns = 0;
    const other = () => {
      turns++;
      next = setImmediate(other);
    };
    let next = setImmediate(other);
    const usersOf = (step: number) => Array.from({ length: 200 }, (_, i) => `u${step}-${i}@contoso.test`);
    const steps = Array.from({ length: 60 }, (_, i): Step => ['Enable-CsUser', { identity: usersOf(i) }]);
    const result = await together(steps);
    clearImmediate(next);
    assert.equal(result.ok ? 'done' : result.error.code, 'CHANGE_TOO_LARGE');
    // 26 commands are carried out on the overlay, the others are not even planned
    assert.ok(turns > 25 && turns < 40, String(turns));
    assert.deepEqual(await newest(), before);
  });

  it('with what-if says what all of them would change', async () => {
    const before = await newest();
    const result = await done(
      [
        ['Set-CsFederatedDomain', { identity: 'fabrikam.test', list: 'Allowed' }],
        ['Set-CsAllowedDomain', { identity: 'fabrikam.test', proxyFqdn: 'sip.fabrikam.test' }],
        ['New-CsAllowedDomain', { identity: 'gone.test' }],
        ['Remove-CsAllowedDomain', { identity: 'gone.test' }],
      ],
      true,
    );
    assert.equal(result.kind, 'whatIf');
    assert.deepEqual(
      result.changes?.map(change => [change.noun, change.before?.identity, change.after?.proxyFqdn]),
      [
        ['CsBlockedDomain', 'fabrikam.test', undefined],
        ['CsAllowedDomain', undefined, 'sip.fabrikam.test'],
      ],
    );
    assert.deepEqual(await newest(), before);
  });

  it('runs again on the newest state when another writer of the store was quicker', async () => {
    const { commit } = fixture.store;
    let rivals = 1;
    fixture.store.commit = async change => {
      if (rivals-- > 0)
        await fixture.store.commit({ ...change, author: 'another server', users: [], objects: change.objects.slice(0, 1) });
      return commit(change);
    };
    try {
      const both = [
        ['New-CsAllowedDomain', { identity: 'rival.test' }],
        ['New-CsAllowedDomain', { identity: 'second.test' }],
      ] as const;
      assert.match(await refused(both), /^Command 1 of 2, .*rival\.test/);
      assert.ok(!(await domains()).includes('second.test'));
    } finally {
      fixture.store.commit = commit;
    }
  });
});
