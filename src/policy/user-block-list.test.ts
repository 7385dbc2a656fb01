import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aor, SipDomain } from '../model/names.ts';
import type { BlockedSender } from '../model/user.ts';
import { DecisionTrace } from '../observe/decision-trace.ts';
import { sampleUser } from '../testing/sample-configuration.ts';
import { describeEntry } from './trace-steps.ts';
import { blockListEntry, decideBlockList } from './user-block-list.ts';

const bob = 'bob@fabrikam.test' as Aor;
const fabrikam = 'fabrikam.test' as SipDomain;
const contoso = 'contoso.test' as SipDomain;

const rows: readonly (readonly [
  what: string,
  list: readonly BlockedSender[] | undefined,
  sender: string,
  entry: string | undefined,
])[] = [
  ['no list', undefined, bob, undefined],
  ['another address', ['beth@fabrikam.test' as Aor], bob, undefined],
  ['the address', ['beth@fabrikam.test' as Aor, bob], bob, bob],
  ['the domain', [fabrikam], bob, fabrikam],
  ['address and domain: the address is named', [bob, fabrikam], bob, bob],
  ['a domain above', ['test' as SipDomain], bob, undefined],
  ['a domain below', ['a.fabrikam.test' as SipDomain], bob, undefined],
  ['a user part that looks like a domain', ['fabrikam.test@contoso.test' as Aor], bob, undefined],
  ['the own domain: a colleague', [contoso], 'adam@contoso.test', contoso],
  ['the own domain: oneself', [contoso], 'alice@contoso.test', undefined],
];

for (const [what, blockedSenders, sender, entry] of rows) {
  test(`block list: ${what}`, () => {
    const user = sampleUser(blockedSenders ? { blockedSenders } : {});
    assert.equal(blockListEntry(user, sender as Aor), entry);
  });
}

test('the decision leaves its step in the trace, with the reason that the sender is not told', () => {
  const user = sampleUser({ blockedSenders: [fabrikam] });
  const decided = (blockList: 'outside dialogs' | 'inside a dialog' | 'nowhere', sender: Aor) => {
    const trace = new DecisionTrace();
    const refused = decideBlockList(user, { blockList, sender }, trace);
    assert.equal(trace.failure, refused);
    return [refused?.code, ...trace.entries().map(entry => `${entry.step}: ${describeEntry(entry)}`)];
  };
  assert.deepEqual(decided('outside dialogs', bob), [
    'SENDER_BLOCKED_BY_USER',
    'block list of the recipient: alice@contoso.test has blocked bob@fabrikam.test by the entry fabrikam.test of their own block list, and looks offline from there.',
  ]);
  assert.equal(decided('inside a dialog', bob)[0], 'DIALOG_BLOCKED_BY_USER');
  assert.deepEqual(decided('nowhere', bob), [undefined]);
  assert.deepEqual(decided('outside dialogs', 'adam@contoso.test' as Aor), [
    undefined,
    'block list of the recipient: alice@contoso.test has not blocked the sender.',
  ]);
});
