import { z } from 'zod';
import type { ConfigurationVersion } from '../../model/configuration-version.ts';
import type { StoreHint } from '../store.ts';

/** What one store tells the others on its database after a write. */
export interface HintMessage {
  /** The store that wrote: it has given the hints to its own listeners already. */
  readonly origin: string;
  /** The revision that was written, if one was. */
  readonly revision?: ConfigurationVersion;
  readonly hints: readonly StoreHint[];
}

/** PostgreSQL refuses a payload of 8,000 bytes or more. */
const maxBytes = 7_900;
/** Names of one split hint, as JSON; the rest of the message stays far below what remains. */
const maxNameBytes = 7_000;
/** Beyond so many messages for one write, reading everything again is cheaper for everybody. */
const maxMessages = 32;

const version = z.object({ epoch: z.int(), number: z.int() });
const HintMessageText = z.object({
  origin: z.string(),
  revision: version.optional(),
  hints: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('configuration'), version }),
      z.object({ kind: z.literal('users'), ids: z.array(z.string()) }),
      z.object({ kind: z.literal('bindings'), aors: z.array(z.string()) }),
      z.object({ kind: z.literal('resync') }),
    ]),
  ),
});

/** The payloads that carry a message: one where it fits, several where it is long, a bare `resync` where it is longer still. */
export function writeHintMessage(message: HintMessage): readonly string[] {
  const whole = JSON.stringify(message);
  if (Buffer.byteLength(whole) <= maxBytes) return [whole];
  const payloads = message.hints.flatMap(splitHint).map(hint => JSON.stringify({ ...message, hints: [hint] }));
  const fits = payloads.length <= maxMessages && payloads.every(payload => Buffer.byteLength(payload) <= maxBytes);
  return fits ? payloads : [JSON.stringify({ ...message, hints: [{ kind: 'resync' }] })];
}

/** Reads a payload; what is not understood, as from a later version, says at least that something changed. */
export function readHintMessage(payload: string): HintMessage {
  try {
    return HintMessageText.parse(JSON.parse(payload)) as HintMessage;
  } catch {
    return { origin: '', hints: [{ kind: 'resync' }] };
  }
}

function splitHint(hint: StoreHint): readonly StoreHint[] {
  if (hint.kind === 'users') return splitNames(hint.ids).map(ids => ({ kind: 'users', ids }));
  if (hint.kind === 'bindings') return splitNames(hint.aors).map(aors => ({ kind: 'bindings', aors }));
  return [hint];
}

function splitNames<T extends string>(names: readonly T[]): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const more = Buffer.byteLength(JSON.stringify(name)) + 1;
    if (bytes + more > maxNameBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(name);
    bytes += more;
  }
  return parts;
}
