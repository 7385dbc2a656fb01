import { sql } from 'kysely';
import { type ConfigurationChange, type ObjectKey, objectKeyText } from '../model/configuration-change.ts';
import type { ConfigurationKind, ConfigurationObject } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import { inChunks } from './chunks.ts';
import type { PackedConfiguration, PackedObjects } from './packed-configuration.ts';
import type { Database } from './schema.ts';

/** Beyond so many objects the whole configuration is read instead of a change. */
const maxChangedObjects = 1000;

/** The current configuration version. */
export async function readConfigurationVersion(db: Database): Promise<ConfigurationVersion> {
  const state = await db
    .selectFrom('store_state')
    .select(['epoch', 'configuration'])
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  return { epoch: state.epoch, number: state.configuration };
}

/** Reads the whole configuration packed; `unpackConfiguration` turns it into a document. */
export async function readConfiguration(db: Database): Promise<PackedConfiguration> {
  const version = await readConfigurationVersion(db);
  const { rows } = await sql<PackedObjects>`
    select kind, owner, string_agg(identity, ${'\n'}) as identities,
      string_agg(cast(version as text), ${','}) as versions, string_agg(body, ${'\n'}) as bodies
    from configuration_objects group by owner, kind order by owner, kind`.execute(db);
  return { version, groups: rows.map(row => ({ ...row })) };
}

/** What changed since a version; undefined when that is not known, or so much that the whole configuration is better read. */
export async function readConfigurationChange(
  db: Database,
  since: ConfigurationVersion,
): Promise<ConfigurationChange | undefined> {
  const version = await readConfigurationVersion(db);
  if (version.epoch !== since.epoch || version.number < since.number) return undefined;
  const keys = await readTouchedKeys(db, since.number);
  if (keys.length > maxChangedObjects) return undefined;
  const found = await readObjects(db, keys);
  return { since, version, changed: [...found.values()], removed: keys.filter(key => !found.has(objectKeyText(key))) };
}

/** The objects that revisions after `number` were about, one more than wanted at most. */
async function readTouchedKeys(db: Database, number: number): Promise<ObjectKey[]> {
  const rows = await db
    .selectFrom('revision_changes')
    .select(['kind', 'owner', 'identity'])
    .distinct()
    .where('revision', '>', number)
    .where('kind', '!=', 'CsUser')
    .limit(maxChangedObjects + 1)
    .execute();
  return rows.map(({ kind, owner, identity }) => ({ kind: kind as ConfigurationKind, owner, identity }));
}

/** The stored objects among `keys`, by key text. */
export async function readObjects(db: Database, keys: readonly ObjectKey[]): Promise<Map<string, ConfigurationObject>> {
  const found = new Map<string, ConfigurationObject>();
  for (const [owner, kind, identities] of groupKeys(keys)) {
    for (const chunk of inChunks(identities)) {
      const rows = await db
        .selectFrom('configuration_objects')
        .select(['identity', 'version', 'body'])
        .where('owner', '=', owner)
        .where('kind', '=', kind)
        .where('identity', 'in', chunk)
        .execute();
      for (const row of rows) {
        const body: unknown = JSON.parse(row.body);
        const object = { kind, owner, identity: row.identity, version: row.version, body } as ConfigurationObject;
        found.set(objectKeyText(object), object);
      }
    }
  }
  return found;
}

/** Writes objects, replacing what has the same key. */
export async function writeObjects(db: Database, objects: readonly ConfigurationObject[]): Promise<void> {
  for (const chunk of inChunks(objects)) {
    await db
      .insertInto('configuration_objects')
      .values(
        chunk.map(object => ({
          owner: object.owner,
          kind: object.kind,
          identity: object.identity,
          version: object.version,
          body: JSON.stringify(object.body),
        })),
      )
      .onConflict(conflict =>
        conflict.columns(['owner', 'kind', 'identity']).doUpdateSet(eb => ({
          version: eb.ref('excluded.version'),
          body: eb.ref('excluded.body'),
        })),
      )
      .execute();
  }
}

/** Removes objects. */
export async function removeObjects(db: Database, keys: readonly ObjectKey[]): Promise<void> {
  for (const [owner, kind, identities] of groupKeys(keys)) {
    for (const chunk of inChunks(identities)) {
      await db
        .deleteFrom('configuration_objects')
        .where('owner', '=', owner)
        .where('kind', '=', kind)
        .where('identity', 'in', chunk)
        .execute();
    }
  }
}

function groupKeys(keys: readonly ObjectKey[]): (readonly [string, ConfigurationKind, string[]])[] {
  const groups = new Map<string, readonly [string, ConfigurationKind, string[]]>();
  for (const { kind, owner, identity } of keys) {
    const name = `${kind}\n${owner}`;
    const group = groups.get(name);
    if (group) group[2].push(identity);
    else groups.set(name, [owner, kind, [identity]]);
  }
  return [...groups.values()];
}
