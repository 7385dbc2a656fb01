import { canonicalAor, uriOfAor } from '../model/names.ts';
import { readParty } from '../routing/request-address.ts';

/** What may stand in a URI as it is (rfc3261 25.1). */
const writable = /^(?:[\w\-.!~*'()&=+$,;?/:]|%[0-9a-f]{2})+@[!-~]*$/i;

/** An address, or a domain alone, as a client of the lab puts it into a request: as it was typed where a URI can hold that, so that odd spellings can be tried, else escaped. */
export function sipUriOf(address: string): string {
  return !address.includes('@') || writable.test(address) ? `sip:${address}` : uriOfAor(canonicalAor(address));
}

/** The address a URI names, in its one form; the URI itself where it names none. */
export function addressOfUri(uri: string): string {
  const party = readParty(uri);
  return (party.ok && party.value.aor) || uri;
}
