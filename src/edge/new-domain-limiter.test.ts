import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.ts';
import { NewDomainLimiter } from './new-domain-limiter.ts';

/** Asks for `count` domains; how many look-ups were allowed. */
function ask(limiter: NewDomainLimiter, count: number, fingerprint: string, address: string): number {
  const domains = Array.from({ length: count }, (_, i) => `d${i}.${fingerprint}.example`);
  return domains.filter(domain => limiter.allows(domain, fingerprint, address)).length;
}

test('a stranger may make us look up ten new domains a minute', () => {
  const clock = new FakeClock();
  const limiter = new NewDomainLimiter(clock);
  assert.equal(ask(limiter, 50, 'aa', '192.0.2.1'), 10);
  assert.equal(ask(limiter, 10, 'aa', '192.0.2.1'), 10, 'asking for the same again is no new look-up');
  clock.advance(60_000);
  assert.equal(ask(limiter, 50, 'aa', '192.0.2.1'), 10);
});

test('neither many certificates of one network nor many networks with one certificate give more', () => {
  for (const [first, second] of [
    ['192.0.2.1', '192.0.2.77'],
    ['2001:db8:1::1', '2001:db8:1:ffff::9'],
  ] as const) {
    const limiter = new NewDomainLimiter(new FakeClock());
    const allowed = ['aa', 'bb', 'cc', 'dd', 'ee', 'ff', 'gg'].map((name, i) =>
      ask(limiter, 20, name, i % 2 === 0 ? first : second),
    );
    assert.deepEqual(allowed, [10, 10, 10, 10, 10, 0, 0]);
    assert.equal(limiter.allows('new.example', 'aa', '198.51.100.1'), false);
  }
});

test('one stranger leaves its neighbours their look-ups, however often it asks', () => {
  const limiter = new NewDomainLimiter(new FakeClock());
  ask(limiter, 1000, 'aa', '192.0.2.1');
  assert.equal(ask(limiter, 10, 'bb', '192.0.2.2'), 10);
});

test('a domain somebody was proved to speak for is not limited, and who has proved one may bring more', () => {
  const limiter = new NewDomainLimiter(new FakeClock());
  limiter.accept('fabrikam.example', 'provider');
  assert.equal(ask(limiter, 20, 'aa', '192.0.2.1'), 10);
  assert.equal(limiter.allows('fabrikam.example', 'aa', '192.0.2.1'), true);
  assert.equal(ask(limiter, 200, 'provider', '192.0.2.1'), 100);
});

test('of too many known domains the oldest is forgotten, and no other', () => {
  const limiter = new NewDomainLimiter(new FakeClock());
  for (let i = 0; i <= 20_000; i++) limiter.accept(`d${i}.example`, 'aa');
  assert.equal(limiter.hasAccepted('d0.example'), false);
  assert.equal(limiter.hasAccepted('d1.example'), true);
});
