import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { failure } from '../base/failure.ts';
import { ConnectionFlow } from '../flow/connection-flow.ts';
import { type Aor, parseAor, type UserId } from '../model/names.ts';
import { parseAuthentication } from '../sip/challenge.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { sampleUser } from '../testing/sample-configuration.ts';
import type { Connection } from '../wire/connection.ts';
import type { Challenge } from './authenticator.ts';
import { CredentialCache } from './credential-cache.ts';
import { CredentialSealer } from './credential-sealer.ts';
import { computeDigestResponse, computeHa1 } from './digest.ts';
import { DigestScheme } from './digest-scheme.ts';
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

/** Counts what is opened, of whomever. */
class CountingSealer extends CredentialSealer {
  opened = 0;

  override unseal(...args: Parameters<CredentialSealer['unseal']>) {
    this.opened++;
    return super.unseal(...args);
  }
}

/** An authenticator that knows alice with the password `right`, and the store reads it makes. */
function makeAuthenticator() {
  const keys = SealKeys.open(join(folder, 'keys.json'));
  assert.ok(keys.ok);
  const sealer = new CountingSealer(keys.value);
  const sealed = sealer.seal(alice, 'right');
  const store = { reads: 0, isAway: false };
  const read = async (ids: readonly UserId[]) => {
    store.reads++;
    if (store.isAway) throw new Error('away');
    return new Map(ids.includes(alice.id) ? [[alice.id, sealed]] : []);
  };
  const clock = new FakeClock();
  const cache = new CredentialCache(read, sealer);
  const find = (aor: Aor) => (aor === alice.aor ? alice : undefined);
  const authenticator = new DigestScheme(find, cache, new GuessLimiters(clock), ['MD5']);
  return { store, sealer, clock, authenticator };
}

const side = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;
const asked: Challenge = { kind: 'challenge', stale: false, failure: failure('CREDENTIALS_REQUIRED') };

type Made = ReturnType<typeof makeAuthenticator>;

/** Answers a challenge on a flow of its own: the verdict, and what was done until it came. */
async function attempt(made: Made, aor: Aor, password: string, sourceAddress: string, nonceGiven?: string) {
  const { authenticator, clock, store, sealer } = made;
  const before = { reads: store.reads, opened: sealer.opened };
  const flow = new ConnectionFlow({ id: `flow of ${aor}`, remoteAddress: sourceAddress } as Connection, side, clock);
  const challenge = parseAuthentication(authenticator.challenges(flow, aor, asked)[0] ?? '');
  const username = aor.slice(0, aor.indexOf('@'));
  const nonce = nonceGiven ?? challenge?.params.get('nonce') ?? '';
  const given = { username, realm: 'contoso.test', nonce, uri: 'sip:contoso.test', response: '', algorithm: 'MD5' } as const;
  const response = computeDigestResponse(computeHa1('MD5', username, given.realm, password), given, 'REGISTER');
  const credentials = [
    `Digest username="${username}", realm="${given.realm}", nonce="${nonce}", uri="${given.uri}", response="${response}"`,
  ];
  const verdict = authenticator.check({ flow, aor, method: 'REGISTER', credentials });
  const settled = verdict.kind === 'wait' ? await verdict.verdict : verdict;
  const work = { waits: verdict.kind === 'wait', reads: store.reads - before.reads, opened: sealer.opened - before.opened };
  return { verdict: settled, work };
}

test('the right password is accepted, and once it is in memory without the store', async () => {
  const made = makeAuthenticator();
  const first = await attempt(made, alice.aor, 'right', '192.0.2.1');
  assert.equal(first.verdict.kind, 'accepted');
  assert.deepEqual(first.work, { waits: true, reads: 1, opened: 1 });
  made.store.isAway = true;
  const second = await attempt(made, alice.aor, 'right', '192.0.2.1');
  assert.equal(second.verdict.kind, 'accepted');
  assert.deepEqual(second.work, { waits: false, reads: 0, opened: 0 });
});

/** What an attacker finds out about a name in ten attempts: by the answers, and by what was done for them. */
async function investigate(made: Made, aor: Aor) {
  const source = '192.0.2.66';
  const seen = [await attempt(made, aor, 'wrong', source, 'invented')];
  for (let i = 0; i < 8; i++) seen.push(await attempt(made, aor, 'wrong', source));
  made.store.isAway = true;
  seen.push(await attempt(made, aor, 'wrong', '192.0.2.67'));
  return seen.map(({ verdict, work }) => ({
    kind: verdict.kind,
    code: verdict.kind === 'accepted' ? '' : verdict.failure.code,
    work,
  }));
}

test('nobody learns who exists: the same answers after the same work for everybody, whether or not they sign in here', async () => {
  const active = makeAuthenticator();
  await attempt(active, alice.aor, 'right', '192.0.2.1');
  const ofActive = await investigate(active, alice.aor);
  const ofIdle = await investigate(makeAuthenticator(), alice.aor);
  const ofNobody = await investigate(makeAuthenticator(), stranger);
  const once = { waits: true, reads: 1, opened: 1 };
  assert.deepEqual(ofNobody.slice(0, 2), [
    { kind: 'challenge', code: 'CREDENTIALS_REQUIRED', work: once },
    { kind: 'challenge', code: 'CREDENTIALS_WRONG', work: once },
  ]);
  assert.equal(ofNobody.at(-2)?.code, 'CREDENTIALS_BACK_OFF');
  assert.deepEqual(ofNobody.at(-1), { kind: 'refused', code: 'CREDENTIALS_UNREADABLE', work: { ...once, opened: 0 } });
  assert.deepEqual(ofIdle, ofNobody);
  assert.deepEqual(ofActive, ofNobody);
});

test('a store that is away is asked once for all who wait, not by one after the other', async () => {
  const made = makeAuthenticator();
  made.store.isAway = true;
  const attempts = Array.from({ length: 8 }, () => attempt(made, alice.aor, 'right', '192.0.2.1'));
  for (const { verdict } of await Promise.all(attempts)) {
    assert.ok(verdict.kind === 'refused');
    assert.equal(verdict.failure.code, 'CREDENTIALS_UNREADABLE');
  }
  assert.equal(made.store.reads, 1);
  made.store.isAway = false;
  assert.equal((await attempt(made, alice.aor, 'right', '192.0.2.1')).verdict.kind, 'accepted');
});
