import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalJson } from './canonical-json.ts';
import { ProjectedState } from './projected-state.ts';
import { documentOf } from './replication-test-bed.ts';
import { readSnapshot, writeDeltaSnapshot, writeFullSnapshot } from './snapshot.ts';
import {
  createSnapshotKeyPem,
  openSnapshot,
  readSigningKey,
  readVerifyKeys,
  sealSnapshot,
  verifyKeyPem,
} from './snapshot-signature.ts';

describe('canonical JSON', () => {
  const rows: [unknown, string][] = [
    [{ b: 1, a: [true, null, 'ä"'] }, '{"a":[true,null,"ä\\""],"b":1}'],
    [{ a: undefined, b: { d: 1, c: 2 } }, '{"b":{"c":2,"d":1}}'],
    [[undefined], '[null]'],
  ];
  for (const [value, text] of rows) it(text, () => assert.equal(canonicalJson(value), text));
});

describe('projection', () => {
  const document = documentOf(3, [
    ['CsExternalAccessPolicy', 'global', 1],
    ['CsRegistrarConfiguration', 'global', 1],
    ['CsBlockedDomain', 'b.example', 2],
    ['CsAllowedDomain', 'a.example', 3],
  ]);

  it('gives an Edge no per-user policy, and a node everything', () => {
    const kinds = (projection: 'edge' | 'node') =>
      ProjectedState.of(document, projection)
        .toDocument()
        .objects.map(object => object.kind);
    assert.deepEqual(kinds('edge').sort(), ['CsAllowedDomain', 'CsBlockedDomain', 'CsEdgeServer']);
    assert.equal(kinds('node').length, 5);
  });

  it('has the same text in whatever order the objects come', () => {
    const turned = { ...document, objects: [...document.objects].reverse() };
    assert.equal(ProjectedState.of(turned, 'edge').objectsText(), ProjectedState.of(document, 'edge').objectsText());
  });

  it('a difference leads from one state to the other; over epochs there is none', () => {
    const before = ProjectedState.of(document, 'edge');
    const later = documentOf(5, [
      ['CsAllowedDomain', 'a.example', 5, { comment: 'new' }],
      ['CsAllowedDomain', 'c.example', 4],
    ]);
    const after = ProjectedState.of(later, 'edge');
    const difference = after.differenceFrom(before);
    assert.ok(difference);
    assert.deepEqual(difference.changed.map(object => object.identity).sort(), ['a.example', 'c.example']);
    assert.deepEqual(difference.removed, [{ kind: 'CsBlockedDomain', owner: '01J', identity: 'b.example' }]);
    assert.equal(before.advance(after.version, difference).objectsText(), after.objectsText());
    assert.equal(ProjectedState.of(documentOf(5, [], 4443, 2), 'edge').differenceFrom(before), undefined);
  });

  it('a full snapshot and a delta are read as written', () => {
    const state = ProjectedState.of(document, 'edge');
    const full = readSnapshot(writeFullSnapshot(state, 'edge.test', null, 7), 'test');
    assert.ok(full.ok && full.value.kind === 'full');
    assert.equal(ProjectedState.of(full.value, 'edge').objectsText(), state.objectsText());
    const frame = {
      projection: 'edge',
      recipient: 'edge.test',
      version: { epoch: 1, number: 4 },
      parentHash: 'p',
      createdAtMs: 8,
    } as const;
    const delta = { ...frame, changed: document.objects, removed: [] };
    assert.deepEqual(readSnapshot(writeDeltaSnapshot(delta), 'test'), { ok: true, value: { kind: 'delta', ...delta } });
  });

  const unreadable: [string, (text: string) => string][] = [
    ['no JSON', () => '{'],
    ['a kind that is not known', text => text.replace('CsAllowedDomain', 'CsUnknown')],
    ['a body against its schema', text => text.replace('"includeSubdomains":false', '"includeSubdomains":7')],
    ['no version', text => text.replace('"version":{', '"other":{')],
  ];
  for (const [name, damage] of unreadable) {
    it(`refuses ${name}`, () => {
      const read = readSnapshot(damage(writeFullSnapshot(ProjectedState.of(document, 'edge'), 'e', null, 7)), 'test');
      assert.equal(read.ok ? '' : read.error.code, 'SNAPSHOT_UNREADABLE');
    });
  }
});

describe('signature', () => {
  const key = readSigningKey(createSnapshotKeyPem());
  const other = readSigningKey(createSnapshotKeyPem());
  const keys = readVerifyKeys([verifyKeyPem(key)]);
  const { envelope, hash } = sealSnapshot('{"recipient":"edge.test","createdAtMs":7}', key);

  it('is accepted with the right key, also as the second of two', () => {
    for (const known of [keys, readVerifyKeys([verifyKeyPem(other), verifyKeyPem(key)])]) {
      assert.deepEqual(openSnapshot(envelope, known, 'e'), {
        ok: true,
        value: { text: '{"recipient":"edge.test","createdAtMs":7}', hash },
      });
    }
  });

  it('is refused after any change of one character', () => {
    for (let i = 0; i < envelope.length; i++) {
      const changed = `${envelope.slice(0, i)}${envelope[i] === 'A' ? 'B' : 'A'}${envelope.slice(i + 1)}`;
      const opened = openSnapshot(changed, keys, 'e');
      // Base64 ignores the padding bits of its last digit: such a change is the same signature.
      if (opened.ok) assert.deepEqual(signatureBytes(changed), signatureBytes(envelope), `character ${i}`);
      else assert.equal(opened.error.code, 'SNAPSHOT_SIGNATURE_BAD');
    }
  });

  it('is refused from another key, and where there is none', () => {
    for (const bad of [sealSnapshot('{}', other).envelope, '', '{}\n{}', 'x\n{}', '[]\n', '{"keyId":1,"signature":2}\n']) {
      const opened = openSnapshot(bad, keys, 'e');
      assert.equal(opened.ok ? '' : opened.error.code, 'SNAPSHOT_SIGNATURE_BAD');
    }
  });

  it('takes Ed25519 keys only, one or two', () => {
    assert.throws(() => readVerifyKeys([]));
    assert.throws(() => readVerifyKeys([verifyKeyPem(key), verifyKeyPem(key), verifyKeyPem(key)]));
  });
});

function signatureBytes(envelope: string): Buffer {
  return Buffer.from((JSON.parse(envelope.slice(0, envelope.indexOf('\n'))) as { signature: string }).signature, 'base64');
}
