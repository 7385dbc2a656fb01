import { type Aor, uriOfAor, userOfAor } from '../model/names.ts';

/**
 * The user names a client may give in digest credentials, as text: the part before the @ and the whole address; where the address is not plain
 * ASCII also as a URI has it, for clients that take the name from there, and decomposed (NFD), as some keyboards and systems write it. What
 * a client hashes is what it sends (rfc7616 3.4.2), so each form has a secret of its own.
 */
export function loginForms(aor: Aor): readonly string[] {
  const plain = [userOfAor(aor), aor];
  const escaped = uriOfAor(aor).slice('sip:'.length);
  if (escaped === aor) return plain;
  const forms = [...plain, ...plain.map(form => form.normalize('NFD')), escaped.slice(0, escaped.lastIndexOf('@')), escaped];
  return [...new Set(forms)];
}
