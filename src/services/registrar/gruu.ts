import { type Aor, aorOfUri, uriOfAor } from '../../model/names.ts';
import { parseSipUri } from '../../sip/uri.ts';
import { unescapeBytes } from '../../sip/user-part.ts';

/** One endpoint of a user as a globally routable user agent URI names it. */
export interface Gruu {
  readonly aor: Aor;
  /** As in the binding, with angle brackets; `''` where `gr` has no value, as in a temporary GRUU: we give out none, so nobody has it. */
  readonly instance: string;
}

/** Whether an instance is one that an endpoint has told by itself: a URN in angle brackets (rfc5626 4.1). */
export function isDeclaredInstance(instance: string): boolean {
  return /^<[^<>]+>$/.test(instance);
}

/**
 * The public GRUU of an endpoint (rfc5627 5.4): the address and the instance. Undefined where the endpoint has told no instance.
 * It is the same whenever the endpoint registers, so nothing has to be kept for it.
 */
export function publicGruu(aor: Aor, instance: string): string | undefined {
  if (!isDeclaredInstance(instance)) return undefined;
  // what may stand in a URI parameter unescaped (rfc3261 25.1 paramchar)
  const value = instance.slice(1, -1).replace(/[^\w\-.!~*'()[\]/:&+$]/g, escapeByte);
  return `${uriOfAor(aor)};gr=${value}`;
}

function escapeByte(character: string): string {
  return `%${(character.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** The endpoint that a URI names by `gr`; undefined where it has no such parameter. Whether the address is ours is for others to say. */
export function readGruu(uriText: string): Gruu | undefined {
  // nearly every request is to an address or a Contact, and those are not parsed once more
  if (!/;gr\b/i.test(uriText)) return undefined;
  const uri = parseSipUri(uriText);
  if (!uri.ok || uri.value.user === undefined) return undefined;
  const value = uri.value.params.get('gr');
  if (value === undefined) return undefined;
  return {
    aor: aorOfUri(uri.value.user, uri.value.host),
    instance: value === '' ? '' : `<${unescapeBytes(value)}>`,
  };
}
