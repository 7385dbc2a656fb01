import assert from 'node:assert/strict';
import { test } from 'node:test';
import { branchMark, flowPrefix, homeSlot, readFlowName, slotOfBranch } from './flow-name.ts';

test('the id of a flow tells its worker and what it runs over; ids without a worker tell nothing', () => {
  for (const transport of ['TLS', 'TCP', 'WS', 'WSS'] as const) {
    for (const slot of [0, 7, 15]) assert.deepEqual(readFlowName(`${flowPrefix({ slot, transport })}ab12`), { slot, transport });
  }
  for (const other of ['', 'ab12cd34ef56', '1-UDP-ab', '-TLS-ab', '123-TLS-ab']) assert.equal(readFlowName(other), undefined);
});

test('the mark in a branch tells whose request it was', () => {
  assert.equal(slotOfBranch(`z9hG4bK${branchMark(0)}ab12`), 0);
  assert.equal(slotOfBranch(`z9hG4bK${branchMark(15)}ab12`), 15);
  for (const other of [undefined, '', 'z9hG4bK', 'z9hG4bKab12', 'z9hG4bKw', 'z9hG4bKw1', 'z9hG4bKwx.ab']) {
    assert.equal(slotOfBranch(other), undefined, other);
  }
});

test('users are spread over the workers, each always at the same one', () => {
  const counts = [0, 0, 0];
  for (let i = 0; i < 3000; i++) {
    const slot = homeSlot(`user${i}@contoso.test`, 3);
    assert.equal(homeSlot(`user${i}@contoso.test`, 3), slot);
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  for (const count of counts) assert.ok(count > 800, `${counts}`);
});
