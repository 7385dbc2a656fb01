import { sql } from 'kysely';
import type {
  ConfigurationDocument,
  ConfigurationKind,
  ConfigurationObject,
  ConfigurationVersion,
} from '../model/configuration-object.ts';
import { inChunks } from './chunks.ts';
import type { Database } from './schema.ts';

/** What names one configuration object. */
export interface ObjectKey {
  readonly kind: ConfigurationKind;
  readonly owner: string;
  readonly identity: string;
}

/** The key as one string: unequal keys never collide, for no part holds a line feed. */
export function objectKeyText(key: ObjectKey): string {
  return `${key.kind}\n${key.owner}\n${key.identity}`;
}

/** The current configuration version. */
export async function readConfigurationVersion(db: Database): Promise<ConfigurationVersion> {
  const state = await db
    .selectFrom('store_state')
    .select(['epoch', 'configuration'])
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  return { epoch: state.epoch, number: state.configuration };
}

/** All objects of one kind and owner, aggregated by the database: identities one a line, versions and JSON bodies with commas between. */
interface PackedObjects {
  readonly kind: string;
  readonly owner: string;
  readonly identities: string;
  readonly versions: string;
  readonly bodies: string;
}

/** The whole configuration as a few long strings: they cross a thread border many times cheaper than 100,000 objects. */
export interface PackedConfiguration {
  readonly version: ConfigurationVersion;
  readonly groups: readonly PackedObjects[];
}

/** Reads the whole configuration packed; `unpackConfiguration` turns it into a document. */
export async function readConfiguration(db: Database): Promise<PackedConfiguration> {
  const version = await readConfigurationVersion(db);
  const { rows } = await sql<PackedObjects>`
    select kind, owner, string_agg(identity, ${'\n'}) as identities,
      string_agg(cast(version as text), ${','}) as versions, string_agg(body, ${','}) as bodies
    from configuration_objects group by owner, kind order by owner, kind`.execute(db);
  return { version, groups: rows.map(row => ({ ...row })) };
}

/** The document that was packed. */
export function unpackConfiguration(packed: PackedConfiguration): ConfigurationDocument {
  const objects: ConfigurationObject[] = [];
  for (const group of packed.groups) {
    const identities = group.identities.split('\n');
    const versions = group.versions.split(',');
    const bodies = JSON.parse(`[${group.bodies}]`) as unknown[];
    for (let i = 0; i < identities.length; i++) {
      const { kind, owner } = group;
      objects.push({
        kind,
        owner,
        identity: identities[i],
        version: Number(versions[i]),
        body: bodies[i],
      } as ConfigurationObject);
    }
  }
  return { version: packed.version, objects };
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
        found.set(objectKeyText(object as ObjectKey), object);
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
