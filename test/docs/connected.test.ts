import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { errorRegistry } from '../../src/base/errors/registry.ts';
import { configurationKinds } from '../../src/model/configuration-object.ts';
import { EdgeServerConfiguration, FrontEndServerConfiguration } from '../../src/server/server-configuration.ts';
import { TypeReferences } from '../support/type-references.ts';

const root = new URL('../../', import.meta.url);

/** What shows, checks and writes settings, and what is for tests: a setting that only these read does nothing. */
const onlyShows = /^src\/(?:cli|lab|management|readiness|testing|model\/kinds)\/|\.test\.ts$|^(?!src\/)/;
const noEffect = /; no effect yet$/;

/** Attributes that nothing on the way of a request reads and that do something all the same: what, as their descriptions have to say. */
const actsElsewhere: Readonly<Record<string, RegExp>> = {
  // commands decide by them
  'CsHostingProvider hostsOcsUsers': /hosts SIP accounts/,
  'CsSipDomain isDefault': /exactly one is/,
  'CsSipDomain proofToken': /TXT record/,
  // readiness compares them with what it finds
  'CsEdgeServer accessEdgeExternalSipPort': /parley check/,
  // where things stand, for those who look at them
  'CsEdgeServer site': /site it stands in/,
};

const sources = new Map(
  readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => [`src/${file}`, readFileSync(new URL(`src/${file}`, root), 'utf8')]),
);

let references: TypeReferences;
before(async () => {
  references = await TypeReferences.start();
});
after(() => references.stop());

/** Offsets at which a property of that name is declared in a file. */
function declarationsOf(file: string, name: string): readonly number[] {
  const declared = new RegExp(`(?<=^ *(?:readonly )?|[{,] )${name}(?=\\??:|,$| [},]|, )`, 'gm');
  return [...(sources.get(file) as string).matchAll(declared)].map(match => match.index);
}

async function isActedOn(file: string, offset: number): Promise<boolean> {
  return (await references.of(file, offset)).some(use => use.file !== file && !onlyShows.test(use.file));
}

/** The file that exports a kind's schema, and the offset of its declaration. */
async function placeOf(schema: z.ZodType): Promise<readonly [file: string, offset: number]> {
  for (const [file, text] of sources) {
    if (!file.startsWith('src/model/kinds/')) continue;
    const exported = Object.entries((await import(new URL(file, root).href)) as object).find(([, value]) => value === schema);
    if (exported) return [file, text.indexOf(`export const ${exported[0]} `)];
  }
  throw new Error('no file of src/model/kinds exports that schema');
}

test('what an object says is acted on, or is a note, or its description says that it has no effect', async () => {
  const acted = new Map<string, boolean>();
  const attributes: [kind: string, key: string, meaning: string, place: string][] = [];
  for (const [kind, { schema }] of Object.entries(configurationKinds)) {
    const [file, from] = await placeOf(schema);
    for (const [name, attribute] of Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>)) {
      const offset = declarationsOf(file, name).find(at => at > from);
      assert.ok(offset !== undefined, `${kind} ${name} is declared in ${file}`);
      // kinds of one file are often read as one
      const place = `${file} ${name}`;
      acted.set(place, acted.get(place) === true || (await isActedOn(file, offset)));
      attributes.push([kind, name, attribute.description ?? '', place]);
    }
  }
  const wrong: string[] = [];
  for (const [kind, name, meaning, place] of attributes) {
    const key = `${kind} ${name}`;
    const isNote = /for (?:admins|people)$/.test(meaning);
    if (isNote) continue;
    const elsewhere = actsElsewhere[key];
    if (elsewhere) assert.match(meaning, elsewhere, key);
    const acts = elsewhere !== undefined || acted.get(place) === true;
    if (acts === noEffect.test(meaning))
      wrong.push(`${key}: ${acts ? 'something' : 'nothing'} acts on it, and it says "${meaning}"`);
  }
  assert.deepEqual(wrong, []);
});

test('what a user is made of is acted on', async () => {
  const file = 'src/model/user.ts';
  const body = /export interface User \{([^]*?)\n\}/.exec(sources.get(file) as string);
  assert.ok(body);
  const names = [...(body[1] as string).matchAll(/^ {2}readonly (\w+)/gm)].map(match => match[1] as string);
  assert.ok(names.length > 8);
  for (const name of names) {
    const offset = declarationsOf(file, name).find(at => at > body.index) as number;
    assert.ok(await isActedOn(file, offset), `nothing acts on ${name} of a user`);
  }
});

/** Names of all keys a configuration file may have, at every depth. */
function keysOf(schema: z.core.$ZodType, found = new Set<string>()): ReadonlySet<string> {
  const { innerType, element, in: input, options } = schema._zod.def as unknown as Record<string, z.core.$ZodType>;
  for (const inner of [innerType, element, input, ...((options as unknown as z.core.$ZodType[] | undefined) ?? [])]) {
    if (inner?._zod) keysOf(inner, found);
  }
  for (const [name, inner] of Object.entries((schema as { shape?: Record<string, z.core.$ZodType> }).shape ?? {})) {
    found.add(name);
    keysOf(inner, found);
  }
  return found;
}

test('what a configuration file says is acted on', async () => {
  const file = 'src/server/server-configuration.ts';
  const names = new Set([...keysOf(FrontEndServerConfiguration), ...keysOf(EdgeServerConfiguration)]);
  assert.ok(names.has('unauthenticatedSeconds') && names.has('tokenFile'));
  const idle = new Set<string>();
  for (const name of names) {
    const offsets = declarationsOf(file, name);
    assert.ok(offsets.length > 0, `${name} is declared in ${file}`);
    for (const offset of offsets) {
      const uses = await references.of(file, offset);
      const acts = uses.some(use => use.file !== file && !onlyShows.test(use.file));
      // a key that extends another schema, or stands for a constant of the same name, is a new one for the compiler where it is read
      const isKnownOutside = uses.some(use => use.file !== file);
      if (!acts && (isKnownOutside || !isReadByName(name))) idle.add(name);
    }
  }
  assert.deepEqual([...idle], []);
});

function isReadByName(name: string): boolean {
  const read = new RegExp(`\\.${name}\\b|\\{[^{}\n]*\\b${name}\\b[^{}\n]*\\}`);
  return [...sources].some(
    ([file, text]) => file.startsWith('src/server/') && !file.endsWith('server-configuration.ts') && read.test(text),
  );
}

test('every code of the registry is raised somewhere', () => {
  const isProduction = (file: string) => !/^src\/(?:testing|base\/errors)\/|\.test\.ts$/.test(file);
  const text = [...sources].flatMap(([file, source]) => (isProduction(file) ? source : [])).join('\n');
  for (const code of Object.keys(errorRegistry)) {
    // to be compared with is not to be raised
    assert.match(text, new RegExp(`(?<![!=]== |case )'${code}'`), `nothing raises ${code}`);
  }
});
