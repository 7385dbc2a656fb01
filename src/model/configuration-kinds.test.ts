import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfigurationKind, configurationKinds, kindOf, userPolicyKinds } from './configuration-object.ts';

const kinds = (Object.keys(configurationKinds) as ConfigurationKind[]).map(kindOf);

test('each kind is in the table under its name, and has a place of its own in the compiled configuration', () => {
  for (const kind of kinds) assert.equal(kindOf(kind.name as ConfigurationKind), kind);
  for (const owner of ['tenant', 'deployment']) {
    const fields = kinds.filter(kind => kind.owner === owner).map(kind => kind.field);
    assert.equal(new Set(fields).size, fields.length, fields.join());
  }
});

test('what a definition names is there: kinds referred to, attributes, meanings', () => {
  for (const { name, schema, references, computed, immutable, switches } of kinds) {
    const attributes = Object.keys(schema.shape);
    const named = [...Object.keys(references), ...computed, ...immutable, ...Object.values(switches).flatMap(Object.keys)];
    for (const attribute of named) assert.ok(attributes.includes(attribute), `${name} has no ${attribute}`);
    for (const { kind } of Object.values(references)) assert.ok(kind in configurationKinds, `${name} refers to ${kind}`);
    for (const attribute of attributes) assert.ok(schema.shape[attribute]?.description, `${name}.${attribute} says nothing`);
  }
});

test('global objects have defaults, user policies are granted, and no Edge gets them', () => {
  for (const { name, scopes, defaults } of kinds) assert.equal(defaults !== undefined, scopes.includes('global'), name);
  assert.deepEqual(
    userPolicyKinds.map(({ name, verbs, edge }) => [name, verbs.includes('Grant'), edge]),
    [
      ['CsExternalAccessPolicy', true, false],
      ['CsPresencePolicy', true, false],
    ],
  );
});
