import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorCode } from '../base/errors/registry.ts';
import { findCommand } from './command-registry.ts';
import { readParameters } from './parameter-reader.ts';

interface Row {
  readonly name: string;
  readonly verb: string;
  readonly noun: string;
  readonly given: Record<string, unknown>;
  readonly expected?: Record<string, unknown>;
  readonly refused?: readonly [ErrorCode, RegExp];
}

const rows: readonly Row[] = [
  {
    name: 'names match in any letter case',
    verb: 'new',
    noun: 'csalloweddomain',
    given: { Identity: 'Fabrikam.COM', VERIFICATIONLEVEL: 'usesourceverification' },
    expected: { identity: 'fabrikam.com', verificationLevel: 'UseSourceVerification' },
  },
  {
    name: "the original's name of a parameter",
    verb: 'New',
    noun: 'CsAllowedDomain',
    given: { Domain: 'fabrikam.com' },
    expected: { identity: 'fabrikam.com' },
  },
  {
    name: 'text becomes number and boolean',
    verb: 'New',
    noun: 'CsHostingProvider',
    given: { Identity: 'x', ProxyFqdn: 'p.test', Enabled: '$true', SipClientPort: '5061' },
    expected: { identity: 'x', proxyFqdn: 'p.test', enabled: true, sipClientPort: 5061 },
  },
  {
    name: 'one value stands for a list of one',
    verb: 'Set',
    noun: 'CsUser',
    given: { identity: 'a@b.test' },
    expected: { identity: ['a@b.test'] },
  },
  {
    name: '$Null',
    verb: 'Set',
    noun: 'CsAllowedDomain',
    given: { identity: 'b.test', proxyFqdn: '$null' },
    expected: { identity: 'b.test', proxyFqdn: null },
  },
  { name: 'unknown', verb: 'Set', noun: 'CsUser', given: { Enabeld: true }, refused: ['PARAMETER_UNKNOWN', /perhaps Enabled/] },
  { name: 'missing', verb: 'New', noun: 'CsAllowedDomain', given: {}, refused: ['PARAMETER_MISSING', /-Identity/] },
  {
    name: 'wrong value',
    verb: 'New',
    noun: 'CsAllowedDomain',
    given: { identity: 'under_score.test' },
    refused: ['PARAMETER_INVALID', /Identity/],
  },
  {
    name: 'text that is no number',
    verb: 'Set',
    noun: 'CsRegistrarConfiguration',
    given: { maxEndpointsPerUser: 'many' },
    refused: ['PARAMETER_INVALID', /is not usable: expected a number \("many"\)\. /],
  },
  {
    name: 'a password is never repeated',
    verb: 'Set',
    noun: 'CsUserPassword',
    given: { identity: 'a@b.test', password: ['secret'] },
    refused: ['PARAMETER_INVALID', /parameter Password .*is not usable: expected text\. /],
  },
  {
    name: 'one wrong value of several is named',
    verb: 'Set',
    noun: 'CsFederatedDomain',
    given: { identity: ['b.test', 'foo bar'], list: 'allowed' },
    refused: ['PARAMETER_INVALID', /parameter Identity of .*\("foo bar"\)\. /],
  },
  {
    name: 'twice under two names',
    verb: 'New',
    noun: 'CsAllowedDomain',
    given: { identity: 'a.test', domain: 'b.test' },
    refused: ['PARAMETER_CONFLICT', /one of the two/],
  },
  { name: 'prototype names', verb: 'Get', noun: 'CsUser', given: { constructor: 'x' }, refused: ['PARAMETER_UNKNOWN', /--help/] },
];

describe('readParameters', () => {
  for (const row of rows) {
    it(row.name, () => {
      const definition = findCommand(row.verb, row.noun);
      assert.ok(definition.ok);
      const read = readParameters(definition.value, row.given);
      if (!row.refused) return assert.deepEqual(read, { ok: true, value: row.expected });
      assert.ok(!read.ok);
      assert.equal(read.error.code, row.refused[0]);
      assert.match(`${read.error.text} ${read.error.fix}`, row.refused[1]);
    });
  }

  it('suggests a command', () => {
    const found = findCommand('Get', 'CsUsr');
    assert.ok(!found.ok && found.error.code === 'COMMAND_UNKNOWN');
    assert.match(found.error.fix, /Get-CsUser/);
  });
});
