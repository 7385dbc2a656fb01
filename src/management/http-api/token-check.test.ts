import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../testing/fake-clock.ts';
import { TokenCheck } from './token-check.ts';

const tokens = [
  { name: 'ann', token: 'token-of-ann-1234' },
  { name: 'ben', token: 'token-of-ben-1234' },
];

function answers(check: TokenCheck, token: string, address: string): string {
  const checked = check.check(`Bearer ${token}`, address);
  return checked.ok ? checked.value.name : checked.error.code;
}

test('wrong tokens make their source wait, longer each time, and nobody else', () => {
  const clock = new FakeClock();
  const check = new TokenCheck(tokens, clock);
  assert.equal(answers(check, 'token-of-ann-1234', '192.0.2.1'), 'ann');
  for (let i = 0; i < 6; i++) assert.equal(answers(check, `guess-${i}`, '192.0.2.1'), 'API_TOKEN_WRONG');
  assert.equal(answers(check, 'guess-7', '192.0.2.1'), 'API_TOKEN_BACK_OFF');
  assert.equal(answers(check, 'token-of-ben-1234', '192.0.2.1'), 'API_TOKEN_BACK_OFF', 'a guess that is right tells nothing');
  assert.equal(answers(check, 'token-of-ann-1234', '192.0.2.1'), 'ann', 'known from there before');
  assert.equal(answers(check, 'token-of-ann-1234', '192.0.2.2'), 'ann', 'from another address');
  clock.advance(1_001);
  assert.equal(answers(check, 'guess-8', '192.0.2.1'), 'API_TOKEN_WRONG');
  clock.advance(1_001);
  assert.equal(answers(check, 'guess-9', '192.0.2.1'), 'API_TOKEN_BACK_OFF', 'two seconds by now');
  clock.advance(1_001);
  assert.equal(answers(check, 'token-of-ben-1234', '192.0.2.1'), 'ben');
});

test('a request without a token is no guess', () => {
  const check = new TokenCheck(tokens, new FakeClock());
  for (let i = 0; i < 20; i++) {
    const checked = check.check(undefined, '192.0.2.1');
    assert.equal(checked.ok ? '' : checked.error.code, 'API_TOKEN_MISSING');
  }
  assert.equal(answers(check, 'token-of-ann-1234', '192.0.2.1'), 'ann');
});
