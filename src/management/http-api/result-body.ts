import { z } from 'zod';
import type { CommandResult } from '../command-result.ts';
import { FailureBody, failureBody } from './failure-body.ts';

const View = z.looseObject({ identity: z.string(), version: z.number() });

/** The answer of a command. */
export const ResultBody = z.object({
  kind: z.enum(['read', 'changed', 'unchanged', 'whatIf']),
  objects: z.array(View),
  message: z.string(),
  notices: z.array(z.string()),
  revision: z.number().optional(),
  applied: z.object({ applied: z.number(), of: z.number() }).optional(),
  changes: z
    .array(z.object({ noun: z.string(), identity: z.string(), before: View.nullable(), after: View.nullable() }))
    .optional(),
  items: z
    .array(
      z.object({
        identity: z.string(),
        status: z.enum(['done', 'unchanged', 'failed']),
        failure: FailureBody.optional(),
        password: z.string().optional(),
      }),
    )
    .optional(),
});
export type ResultBody = Readonly<z.infer<typeof ResultBody>>;

/** The answer of several commands that became one revision. */
export const ComposedBody = ResultBody.extend({
  commands: z.array(
    z.object({ command: z.string(), message: z.string(), notices: z.array(z.string()), items: ResultBody.shape.items }),
  ),
});

/** A list of objects, as GET answers it. */
export const ListBody = z.object({ objects: z.array(View), message: z.string() });

/** One object, as GET answers it. */
export const ObjectBody = View;

/** The answer of a command as JSON has it. */
export function resultBody(result: CommandResult): object {
  const { items } = result;
  if (!items) return result;
  return { ...result, items: items.map(item => (item.failure ? { ...item, failure: failureBody(item.failure) } : item)) };
}
