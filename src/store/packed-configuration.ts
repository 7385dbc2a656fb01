import type { ConfigurationDocument, ConfigurationObject } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';

/** All objects of one kind and owner, aggregated by the database: identities one a line, versions and JSON bodies with commas between. */
export interface PackedObjects {
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
