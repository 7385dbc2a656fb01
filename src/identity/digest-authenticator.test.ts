import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Aor, parseAor, type UserId } from '../model/names.ts';
import { parseAuthentication } from '../sip/challenge.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { sampleUser } from '../testing/sample-configuration.ts';
import { CredentialCache } from './credential-cache.ts';
import { CredentialSealer } from './credential-sealer.ts';
import { computeDigestResponse, computeHa1 } from './digest.ts';
import { DigestAuthenticator } from './digest-authenticator.ts';
import { Flow } from './flow.ts';
import { GuessLimiters } from './guess-limiter.ts';
import { SealKeys } from './seal-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-digest-'));
after(() => rmSync(folder, { recursive: true }));

function aorOf(address: string): Aor {
  const aor = parseAor(address);
  assert.ok(aor.ok);
  return aor.value;
}

const alice = sampleUser({ aor: aorOf('alice@contoso.test') });
const stranger = aorOf('nobody@contoso.test');

/** An authenticator that knows alice with the password `right`, and the store reads it makes. */
function makeAuthenticator() {
  const keys = SealKeys.open(join(folder, 'keys.json'));
  assert.ok(keys.ok);
  const sealer = new CredentialSealer(keys.value);
  const sealed = sealer.seal(alice, 'right');
  const reads: (readonly UserId[])[] = [];
  const read = async (ids: readonly UserId[]) => {
    reads.push(ids);
    return new Map(ids.includes(alice.id) ? [[alice.id, sealed]] : []);
  };
  const clock = new FakeClock();
  const cache = new CredentialCache(read, sealer);
  const find = (aor: Aor) => (aor === alice.aor ? alice : undefined);
  return { reads, clock, authenticator: new DigestAuthenticator(clock, find, cache, new GuessLimiters(clock), ['MD5']) };
}

type Made = ReturnType<typeof makeAuthenticator>;

/** Answers a challenge on a flow of its own; how often the check had to wait for the store, and its verdict. */
async function attempt({ authenticator, clock }: Made, aor: Aor, password: string) {
  const flow = new Flow(`flow of ${aor}`, clock);
  const challenge = parseAuthentication(authenticator.challenges(flow, aor, false)[0] ?? '');
  const username = aor.slice(0, aor.indexOf('@'));
  const nonce = challenge?.params.get('nonce') ?? '';
  const given = { username, realm: 'contoso.test', nonce, uri: 'sip:contoso.test', response: '', algorithm: 'MD5' } as const;
  const response = computeDigestResponse(computeHa1('MD5', username, given.realm, password), given, 'REGISTER');
  const credentials = [
    `Digest username="${username}", realm="${given.realm}", nonce="${nonce}", uri="${given.uri}", response="${response}"`,
  ];
  const claim = { flow, sourceAddress: '192.0.2.1', aor, method: 'REGISTER', credentials };
  for (let waits = 0; ; waits++) {
    const verdict = authenticator.check(claim);
    if (verdict.kind !== 'wait') return { waits, verdict };
    await verdict.until;
  }
}

test('the right password is accepted, once per nonce', async () => {
  const { verdict } = await attempt(makeAuthenticator(), alice.aor, 'right');
  assert.equal(verdict.kind, 'accepted');
});

test('an unknown user takes the way of a wrong password: the same verdicts, waits and reads, the first time and later', async () => {
  const known = makeAuthenticator();
  const unknown = makeAuthenticator();
  // somebody else was unknown before: that tells nothing about this one
  await attempt(known, aorOf('other@contoso.test'), 'wrong');
  await attempt(unknown, aorOf('other@contoso.test'), 'wrong');
  for (let i = 0; i < 8; i++) {
    const ofKnown = await attempt(known, alice.aor, 'wrong');
    const ofUnknown = await attempt(unknown, stranger, 'wrong');
    assert.equal(ofUnknown.waits, ofKnown.waits, `attempt ${i}`);
    assert.equal(ofUnknown.verdict.kind, i < 6 ? 'challenge' : 'refused');
    assert.equal(ofUnknown.verdict.kind, ofKnown.verdict.kind);
    assert.deepEqual(
      unknown.reads.map(ids => ids.length),
      known.reads.map(ids => ids.length),
    );
  }
  assert.equal(unknown.reads.length, 2);
});
