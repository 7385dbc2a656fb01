import { canonicalAor, uriOfAor } from '../model/names.ts';
import { readParty } from '../routing/request-address.ts';

/** An address as a client of the lab puts it into a request: ASCII as it was typed, so that odd spellings can be tried, else escaped. */
export function sipUriOf(address: string): string {
  return /^[!-~]*$/.test(address) ? `sip:${address}` : uriOfAor(canonicalAor(address));
}

/** The address a URI names, in its one form; the URI itself where it names none. */
export function addressOfUri(uri: string): string {
  const party = readParty(uri);
  return (party.ok && party.value.aor) || uri;
}
