import { z } from 'zod';
import type { Failure } from '../../base/failure.ts';

/** A failure as the API sends it: for programs `code`, for people `text` and `fix`, for the log `id`. Causes stay inside. */
export const FailureBody = z.object({
  code: z.string(),
  id: z.string(),
  text: z.string(),
  fix: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type FailureBody = Readonly<z.infer<typeof FailureBody>>;

/** The part of a failure that leaves the server. */
export function failureBody({ code, id, text, fix, details }: Failure): FailureBody {
  const known = Object.entries(details).filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined);
  return { code, id, text, fix, details: Object.fromEntries(known) };
}
