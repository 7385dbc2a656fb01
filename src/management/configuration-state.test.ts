import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigurationChange, changeDocument } from '../model/configuration-change.ts';
import {
  type ConfigurationDocument,
  type ConfigurationKind,
  type ConfigurationObject,
  configurationKinds,
} from '../model/configuration-object.ts';
import { ConfigurationState } from './configuration-state.ts';

function object(kind: ConfigurationKind, identity: string, version: number, body: unknown = {}): ConfigurationObject {
  return { kind, owner: '01J', identity, version, body: configurationKinds[kind].schema.parse(body) } as ConfigurationObject;
}

const provider = (identity: string, version: number, proxyFqdn: string) =>
  object('CsHostingProvider', identity, version, { proxyFqdn });

const document: ConfigurationDocument = {
  version: { epoch: 1, number: 2 },
  objects: [
    object('CsAllowedDomain', 'a.example', 1),
    object('CsBlockedDomain', 'b.example', 1),
    provider('One', 1, 'one.example'),
    provider('Two', 2, 'two.example'),
  ],
};

function change(changed: ConfigurationObject[], removed: ConfigurationObject[] = []): ConfigurationChange {
  const keys = removed.map(({ kind, owner, identity }) => ({ kind, owner, identity }));
  return { since: document.version, version: { epoch: 1, number: 3 }, changed, removed: keys };
}

const claims = [
  'federated-domain 01J a.example',
  'federated-domain 01J b.example',
  'federated-domain 01J c.example',
  'provider-name 01J one',
  'provider-proxy 01J one.example',
  'provider-proxy 01J two.example',
  'provider-proxy 01J new.example',
];

describe('configuration state after a change', () => {
  const rows: readonly (readonly [string, ConfigurationChange])[] = [
    ['a new object', change([object('CsAllowedDomain', 'c.example', 3)])],
    ['an object of another body', change([object('CsAllowedDomain', 'a.example', 3, { comment: 'new' })])],
    ['an object that is gone', change([], [object('CsAllowedDomain', 'a.example', 1)])],
    [
      'a domain that goes to the other list',
      change([object('CsBlockedDomain', 'a.example', 3)], [object('CsAllowedDomain', 'a.example', 1)]),
    ],
    ['a provider with another proxy', change([provider('One', 3, 'new.example')])],
    ['two providers that change proxies', change([provider('One', 3, 'two.example'), provider('Two', 3, 'one.example')])],
    ['removal of what is not there', change([], [object('CsAllowedDomain', 'x.example', 1)])],
  ];
  for (const [name, changed] of rows) {
    it(`${name}: the same as the whole read anew`, () => {
      const after = ConfigurationState.of(document).after(changed);
      const anew = ConfigurationState.of(changeDocument(document, changed));
      assert.deepEqual(after.version, anew.version);
      for (const kind of ['CsAllowedDomain', 'CsBlockedDomain', 'CsHostingProvider'] as const)
        assert.deepEqual(after.list(kind), anew.list(kind));
      for (const claim of claims) assert.deepEqual(after.holderOf(claim), anew.holderOf(claim), claim);
    });
  }

  it('keeps the order of the document', () => {
    const added = ['d.example', 'a.a.example', 'z.example'].map(identity => object('CsAllowedDomain', identity, 3));
    const { objects } = changeDocument(
      document,
      change([...added, object('CsTenant', 'Contoso', 3, { displayName: 'Contoso' })], [provider('One', 1, 'one.example')]),
    );
    assert.deepEqual(
      objects.map(({ identity }) => identity),
      ['a.a.example', 'a.example', 'd.example', 'z.example', 'b.example', 'Two', 'Contoso'],
    );
  });

  it('leaves the state before as it was', () => {
    const before = ConfigurationState.of(document);
    before.after(change([object('CsAllowedDomain', 'c.example', 3)], [object('CsBlockedDomain', 'b.example', 1)]));
    assert.equal(before.find('CsAllowedDomain', '01J', 'c.example'), undefined);
    assert.ok(before.find('CsBlockedDomain', '01J', 'b.example'));
    assert.ok(before.holderOf('federated-domain 01J b.example'));
  });

  it('is the same state when nothing changed, and a fault when the change follows from another version', () => {
    const state = ConfigurationState.of(document);
    assert.equal(state.after({ ...change([]), version: document.version }), state);
    assert.throws(() => state.after({ ...change([]), since: { epoch: 1, number: 1 } }), /another version/);
    assert.throws(() => changeDocument(document, { ...change([]), since: { epoch: 2, number: 2 } }), /another version/);
  });
});
