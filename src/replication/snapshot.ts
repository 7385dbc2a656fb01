import { z } from 'zod';
import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { ConfigurationDifference } from '../model/configuration-change.ts';
import { type ConfigurationKind, type ConfigurationObject, configurationKinds } from '../model/configuration-object.ts';
import type { ConfigurationVersion } from '../model/configuration-version.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ProjectedState, Projection } from './projected-state.ts';

interface SnapshotFrame {
  readonly projection: Projection;
  /** FQDN of the computer it was made for. */
  readonly recipient: string;
  readonly version: ConfigurationVersion;
  readonly createdAtMs: number;
}

/** A whole configuration. `parentHash`: the snapshot the sender made before it for this recipient, if any. */
export interface FullSnapshot extends SnapshotFrame {
  readonly kind: 'full';
  readonly parentHash: string | null;
  readonly objects: readonly ConfigurationObject[];
}

/** What changed since the snapshot whose signed text has the hash `parentHash`: the chain of hashes covers all of the state. */
export interface DeltaSnapshot extends SnapshotFrame, ConfigurationDifference {
  readonly kind: 'delta';
  readonly parentHash: string;
}

/** What a recipient is sent. */
export type Snapshot = FullSnapshot | DeltaSnapshot;

/** The canonical text of a full snapshot of `state`: what is hashed and signed. */
export function writeFullSnapshot(
  state: ProjectedState,
  recipient: string,
  parentHash: string | null,
  createdAtMs: number,
): string {
  const frame = canonicalJson({
    kind: 'full',
    projection: state.projection,
    recipient,
    version: state.version,
    parentHash,
    createdAtMs,
  });
  // The objects last: their text is shared by all recipients.
  return `${frame.slice(0, -1)},"objects":${state.objectsText()}}`;
}

/** The canonical text of a delta. */
export function writeDeltaSnapshot(delta: Omit<DeltaSnapshot, 'kind'>): string {
  return canonicalJson({ kind: 'delta', ...delta });
}

const version = z.object({ epoch: z.int().min(1), number: z.int().min(0) });
const kind = z.enum(Object.keys(configurationKinds) as [ConfigurationKind, ...ConfigurationKind[]]);
const key = z.object({ kind, owner: z.string(), identity: z.string() });
const object = key.extend({ version: z.int(), body: z.unknown() });
const frame = {
  projection: z.enum(['edge', 'node']),
  recipient: z.string(),
  version,
  createdAtMs: z.number(),
};
const snapshotSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('full'), ...frame, parentHash: z.string().nullable(), objects: z.array(object) }),
  z.object({ kind: z.literal('delta'), ...frame, parentHash: z.string(), changed: z.array(object), removed: z.array(key) }),
]);

/**
 * Reads the text of a snapshot whose signature was checked. Bodies pass their kind's schema: a field that the sender's version did
 * not know gets its default, a kind that ours does not know is refused. Fails with SNAPSHOT_UNREADABLE.
 */
export function readSnapshot(text: string, source: string): Result<Snapshot> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    return err(failure('SNAPSHOT_UNREADABLE', { source, reason: 'it is not JSON' }, cause));
  }
  const parsed = snapshotSchema.safeParse(json);
  if (!parsed.success) return err(failure('SNAPSHOT_UNREADABLE', { source, reason: issueText(parsed.error) }));
  const snapshot = parsed.data;
  const bodies = readBodies(snapshot.kind === 'full' ? snapshot.objects : snapshot.changed, source);
  if (!bodies.ok) return bodies;
  return ok(snapshot.kind === 'full' ? { ...snapshot, objects: bodies.value } : { ...snapshot, changed: bodies.value });
}

function readBodies(objects: readonly z.infer<typeof object>[], source: string): Result<ConfigurationObject[]> {
  const read: ConfigurationObject[] = [];
  for (const raw of objects) {
    const body = configurationKinds[raw.kind].schema.safeParse(raw.body);
    if (!body.success) {
      const reason = `${raw.kind} ${raw.identity}: ${issueText(body.error)}`;
      return err(failure('SNAPSHOT_UNREADABLE', { source, reason }));
    }
    read.push({ ...raw, body: body.data } as ConfigurationObject);
  }
  return ok(read);
}

function issueText(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'content'}: ${issue.message}` : 'unexpected content';
}
