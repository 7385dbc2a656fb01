import type { ConfigurationDocument, ConfigurationObject } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';

/** All objects of one kind and owner, aggregated by the database: identities and JSON bodies one a line, versions with commas between. */
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
    const bodies = group.bodies.split('\n');
    const { kind, owner } = group;
    let text: string | undefined;
    let body: unknown;
    for (let i = 0; i < identities.length; i++) {
      // most entries of a long list say the same: they share one body
      if (bodies[i] !== text) {
        text = bodies[i] as string;
        body = JSON.parse(text);
      }
      objects.push({
        kind,
        owner,
        identity: identities[i],
        version: Number(versions[i]),
        body,
      } as ConfigurationObject);
    }
  }
  return { version: packed.version, objects };
}
