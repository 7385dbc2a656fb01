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

test('neither another certificate from the same network nor another network with the same certificate gives more', () => {
  for (const [first, second] of [
    ['192.0.2.1', '192.0.2.77'],
    ['2001:db8:1::1', '2001:db8:1:ffff::9'],
  ] as const) {
    const limiter = new NewDomainLimiter(new FakeClock());
    assert.equal(ask(limiter, 20, 'aa', first), 10);
    assert.equal(ask(limiter, 20, 'bb', second), 0);
    assert.equal(limiter.allows('new.example', 'aa', '198.51.100.1'), false);
    assert.equal(ask(limiter, 20, 'cc', '198.51.100.9'), 9, 'the refused one was counted for its network');
  }
});

test('a domain somebody was proved to speak for is not limited', () => {
  const limiter = new NewDomainLimiter(new FakeClock());
  limiter.accept('fabrikam.example');
  assert.equal(ask(limiter, 20, 'aa', '192.0.2.1'), 10);
  assert.equal(limiter.allows('fabrikam.example', 'aa', '192.0.2.1'), true);
});
