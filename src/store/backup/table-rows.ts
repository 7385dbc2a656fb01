import { z } from 'zod';

const cell = z.union([z.string(), z.number(), z.null()]);

/** Rows of one table, without anything that belongs to one engine. */
export const TableRows = z.object({
  table: z.string().regex(/^(?!kysely)[a-z][a-z_]*$/),
  columns: z.array(z.string().regex(/^[a-z][a-z_]*$/)).min(1),
  rows: z.array(z.array(cell)),
});
export type TableRows = Readonly<z.infer<typeof TableRows>>;
