import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayCross, requestTypeOf } from './method-permission.ts';

const outOfDialog: readonly (readonly [string, string | undefined, boolean])[] = [
  ...['INVITE', 'MESSAGE', 'OPTIONS', 'REFER', 'INFO', 'PRACK', 'UPDATE', 'CANCEL', 'ACK', 'BYE'].map(
    m => [m, undefined, true] as const,
  ),
  ...['REGISTER', 'PUBLISH', 'SERVICE', 'NOTIFY', 'BENOTIFY', 'NEGOTIATE', 'invite'].map(m => [m, undefined, false] as const),
  ['SUBSCRIBE', 'presence', true],
  ['SUBSCRIBE', 'Presence;id=7', true],
  ['SUBSCRIBE', 'conference', true],
  ['SUBSCRIBE', undefined, false],
  ['SUBSCRIBE', 'presence.winfo', false],
  ['SUBSCRIBE', 'vnd-microsoft-roaming-contacts', false],
  ['SUBSCRIBE', 'vnd-microsoft-provisioning-v2', false],
  ['SUBSCRIBE', 'dialog', false],
];
const inDialog: readonly (readonly [string, string | undefined, boolean])[] = [
  ...['BYE', 'NOTIFY', 'BENOTIFY', 'MESSAGE', 'INFO', 'X-ANY'].map(m => [m, undefined, true] as const),
  ...['REGISTER', 'PUBLISH', 'SERVICE'].map(m => [m, undefined, false] as const),
  ['NOTIFY', 'presence', true],
  ['SUBSCRIBE', 'vnd-microsoft-roaming-self', false],
];

for (const [rows, isIn] of [
  [outOfDialog, false],
  [inDialog, true],
] as const) {
  for (const [method, event, wanted] of rows) {
    const request = { method, inDialog: isIn, ...(event === undefined ? {} : { event }) };
    test(`${requestTypeOf(request)} ${isIn ? 'in' : 'out of'} a dialog ${wanted ? 'crosses' : 'stays'}`, () => {
      assert.equal(mayCross(request), wanted);
    });
  }
}
