import { z } from 'zod';
import { type Aor, type Fqdn, parseAor, parseFqdn, parseSipDomain, type SipDomain } from './names.ts';

/** Schema of a host name; the value is canonical. */
export const fqdnField = z.string().transform((text, context): Fqdn => {
  const name = parseFqdn(text);
  if (name.ok) return name.value;
  context.issues.push({ code: 'custom', message: 'expected a host name: letters, digits and hyphens', input: text });
  return z.NEVER;
});

/** Schema of a SIP domain; the value is canonical. */
export const sipDomainField = z.string().transform((text, context): SipDomain => {
  const name = parseSipDomain(text);
  if (name.ok) return name.value;
  context.issues.push({ code: 'custom', message: 'expected a domain: letters, digits and hyphens', input: text });
  return z.NEVER;
});

/** Schema of a user's address; the value is canonical. */
export const aorField = z.string().transform((text, context): Aor => {
  const aor = parseAor(text);
  if (aor.ok) return aor.value;
  context.issues.push({ code: 'custom', message: `expected an address user@domain: ${aor.error.details.why}`, input: text });
  return z.NEVER;
});

/** Schema of a note for admins. */
export const commentField = z.string().max(1024).default('');

/** Schema of an optional value where absence is `null`. */
export const portField = z.int().min(1).max(65535);

/** Schema of a name given by an admin: of a site, a provider, a tenant. */
export const nameField = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}*/\\]+$/u, 'expected a name without * / \\ and control characters');
