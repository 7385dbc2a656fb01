import { z } from 'zod';
import { fqdnField } from '../field.ts';

/** One machine of a pool. */
export const Computer = z.object({ fqdn: fqdnField });
export type Computer = Readonly<z.infer<typeof Computer>>;

/** The parameter Computers: machines as an admin lists them, by FQDN. */
export const computersParameter = z
  .array(z.union([fqdnField.transform(fqdn => ({ fqdn })), Computer]))
  .min(1)
  .max(64);
