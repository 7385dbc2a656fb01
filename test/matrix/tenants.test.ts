import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { LabUnderTest } from '../support/lab-under-test.ts';
import { presenceClient, statusOf, told, tryToWatch, watching } from '../support/presence-client.ts';
import { logEvents } from '../support/server-log.ts';
import { until } from '../support/until.ts';
import { contoso, fabrikam, litware, type Recipient, type SideSetUp, TenantsLab } from './tenants-lab.ts';

/** One set-up of the two sides, and what bob is answered: to a message, and to a SUBSCRIBE where that differs. */
interface Row {
  readonly name: string;
  readonly sender?: SideSetUp;
  readonly recipient?: SideSetUp;
  readonly to?: Recipient;
  readonly message: string;
  readonly subscribe?: string;
}

const allowed: SideSetUp = { list: 'Allowed' };
const both = { sender: allowed, recipient: allowed };

const rows: readonly Row[] = [
  { name: 'neither allows the other', message: '504 1005' },
  { name: 'only the sender allows', sender: allowed, message: '504 1034' },
  { name: 'only the recipient allows', recipient: allowed, message: '504 1005' },
  { name: 'both allow', ...both, message: '200' },
  { name: 'the sender blocks', sender: { list: 'Blocked' }, recipient: allowed, message: '403 1005' },
  { name: 'the recipient blocks', sender: allowed, recipient: { list: 'Blocked' }, message: '504 1034' },
  {
    name: "the sender's tenant has federation off",
    sender: { ...allowed, switchOff: true },
    recipient: allowed,
    message: '403 1012',
  },
  { name: "the recipient's tenant has it off", sender: allowed, recipient: { ...allowed, switchOff: true }, message: '504 1034' },
  { name: "the sender's policy is off", sender: { ...allowed, policyOff: true }, recipient: allowed, message: '403 1012' },
  { name: "the recipient's policy is off", sender: allowed, recipient: { ...allowed, policyOff: true }, message: '404 1034' },
  { name: 'the recipient is suspended', ...both, to: 'suspended', message: '404 1034' },
  { name: 'nobody has the address', ...both, to: 'unknown', message: '404 1034' },
  { name: 'the recipient is not signed in', ...both, to: 'offline', message: '480 1034', subscribe: '200' },
  {
    name: 'the recipient has blocked the sender',
    sender: allowed,
    recipient: { ...allowed, userBlocks: true },
    message: '480 1034',
    subscribe: '200',
  },
];

let tenants: TenantsLab;
let lab: LabUnderTest;

before(async () => {
  tenants = await TenantsLab.start();
  lab = tenants.lab;
});
after(() => tenants?.stop());

/** Runs a command at the provider that has to fail; its code. */
async function codeOf(command: string, parameters: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await lab.client('lynconline').run({ command, parameters });
  if (!answer.ok) return answer.error.code;
  return answer.value.items?.find(item => item.failure !== undefined)?.failure?.code ?? 'done';
}

for (const { name, sender = {}, recipient = {}, to = 'reachable', message, subscribe = message } of rows) {
  test(`${name}: the same between two tenants as between two deployments`, async t => {
    const watcher = await tenants.watcher(t);
    const undo: (() => Promise<void>)[] = [];
    try {
      for (const other of [contoso, litware]) {
        undo.push(await tenants.setUp(fabrikam, other, sender), await tenants.setUp(other, fabrikam, recipient));
      }
      for (const [what, wanted, ask] of [
        ['MESSAGE', message, side => tenants.message(side, to)],
        ['SUBSCRIBE', subscribe, side => tenants.subscribe(watcher, side, to)],
      ] as const satisfies readonly (readonly [string, string, (side: typeof contoso) => ReturnType<TenantsLab['message']>])[]) {
        const { source, ...separate } = await ask(contoso);
        const { source: tenantSource, ...same } = await ask(litware);
        assert.deepEqual(same, separate, what);
        const { status, diagnostics } = separate;
        assert.equal(diagnostics === undefined ? `${status}` : `${status} ${diagnostics.split(' ')[0]}`, wanted, what);
        // only servers of the sender's own deployment give reasons
        for (const given of [source, tenantSource]) assert.match(given ?? 'fe1.lynconline.test', /\.lynconline\.test$/);
      }
    } finally {
      for (const back of undo) await back();
    }
  });
}

for (const whoEnds of ['caller', 'callee'] as const) {
  test(`a call is made, and ended by its ${whoEnds}, between tenants as between deployments`, async () => {
    const undo = [];
    for (const other of [contoso, litware]) {
      // the caller's side believes nobody: whoever it calls may hang up all the same
      const ours = { ...allowed, unverified: true };
      undo.push(await tenants.setUp(fabrikam, other, ours), await tenants.setUp(other, fabrikam, allowed));
    }
    assert.deepEqual(await tenants.call(contoso, whoEnds), [200, 200]);
    assert.deepEqual(await tenants.call(litware, whoEnds), [200, 200]);
    for (const back of undo) await back();
  });
}

test('presence between tenants ends when either blocks the other', async t => {
  const bob = await presenceClient(t, lab, 'bob@fabrikam.test');
  const lily = await presenceClient(t, lab, 'lily@litware.test');
  for (const [side, other] of [
    [fabrikam, litware],
    [litware, fabrikam],
  ] as const) {
    const undo = [await tenants.setUp(fabrikam, litware, allowed), await tenants.setUp(litware, fabrikam, allowed)];
    assert.equal(statusOf(await bob.publish('online')), 200);
    const watch = await watching(lily, 'bob@fabrikam.test');
    await told(watch, 'online');
    const cut = logEvents(lab.log('lynconline', 'frontend'), 'watcher-cut-off').length;
    const seen = watch.notifies.length;
    const blocked = await tenants.setUp(side, other, { list: 'Blocked' });
    assert.equal(statusOf(await bob.publish('busy')), 200);
    await until('a line about it', () => logEvents(lab.log('lynconline', 'frontend'), 'watcher-cut-off')[cut]);
    assert.equal(watch.notifies.length, seen);
    const { answer } = await tryToWatch(lily, 'bob@fabrikam.test');
    assert.equal(answer.status, side === litware ? 403 : 504);
    await blocked();
    const [list] = side === fabrikam ? undo.slice(1) : undo;
    await list?.();
  }
});

test("a tenant's lists and policies are its own", async () => {
  const undo = [await tenants.setUp(fabrikam, contoso, allowed), await tenants.setUp(contoso, fabrikam, allowed)];
  // the same names in the other tenant
  undo.push(await tenants.setUp(litware, contoso, { list: 'Blocked', switchOff: true, policyOff: true }));
  assert.equal((await tenants.message(contoso, 'reachable')).status, 200);
  const shown = await lab.run('lynconline', 'Get-CsFederatedDomain', { tenant: 'litware' });
  assert.deepEqual(
    shown.objects.map(({ identity, list }) => [identity, list]),
    [['contoso.test', 'Blocked']],
  );
  for (const back of undo) await back();
});

test('a user of one tenant does not exist for the admin of another', async () => {
  const identity = ['bob@fabrikam.test'];
  const wrong = { identity, tenant: 'litware' };
  assert.equal(await codeOf('Get-CsUser', { identity: identity[0], tenant: 'litware' }), 'OBJECT_UNKNOWN');
  assert.equal(await codeOf('Set-CsUser', { ...wrong, enabled: false }), 'OBJECT_UNKNOWN');
  assert.equal(await codeOf('Disable-CsUser', { ...wrong, confirm: false }), 'OBJECT_UNKNOWN');
  assert.equal(await codeOf('Grant-CsExternalAccessPolicy', { ...wrong, policyName: null }), 'OBJECT_UNKNOWN');
  const password = { identity: identity[0], password: 'taken over', tenant: 'litware' };
  assert.equal(await codeOf('Set-CsUserPassword', password), 'OBJECT_UNKNOWN');
  const guest = { users: [{ identity: 'guest@fabrikam.test', password: 'pw-guest' }], tenant: 'litware' };
  assert.equal(await codeOf('Enable-CsUser', guest), 'SIP_DOMAIN_UNKNOWN');
  assert.equal(await codeOf('New-CsAllowedDomain', { identity: 'northwind.test' }), 'TENANT_REQUIRED');
});

test('a domain belongs to one tenant', async () => {
  for (const command of ['New-CsSipDomain', 'New-CsAdditionalInternalDomain']) {
    assert.equal(await codeOf(command, { identity: 'fabrikam.test', tenant: 'litware' }), 'SIP_DOMAIN_TAKEN');
  }
  assert.equal(await codeOf('Confirm-CsSipDomain', { identity: 'fabrikam.test', tenant: 'litware' }), 'OBJECT_UNKNOWN');
  assert.equal(
    await codeOf('Remove-CsSipDomain', { identity: 'fabrikam.test', tenant: 'litware', confirm: false }),
    'OBJECT_UNKNOWN',
  );
});

test('a domain that is not proved does not route', async () => {
  const unproved = { ...litware, domain: 'unproved.test' };
  await lab.run('lynconline', 'New-CsSipDomain', { identity: unproved.domain, tenant: 'litware' });
  assert.equal(await codeOf('Confirm-CsSipDomain', { identity: unproved.domain, tenant: 'litware' }), 'SIP_DOMAIN_PROOF_MISSING');
  const users = [{ identity: 'lily@unproved.test', password: 'pw-lily' }];
  assert.equal(await codeOf('Enable-CsUser', { users, tenant: 'litware' }), 'SIP_DOMAIN_NOT_VERIFIED');
  await assert.rejects(lab.signIn('lynconline', 'lily@unproved.test'), /answered 403/);
  const undo = [await tenants.setUp(fabrikam, unproved, allowed), await tenants.setUp(litware, fabrikam, allowed)];
  const { status, diagnostics } = await tenants.message(unproved, 'reachable');
  assert.equal(status, 504);
  assert.match(diagnostics ?? '', /^1008 /, 'it is looked for outside, and is not there');
  for (const back of undo) await back();
});
