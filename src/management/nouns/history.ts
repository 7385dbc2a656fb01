import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { ok } from '../../base/result.ts';
import { type CommandDefinition, defineCommand, readResult } from '../command.ts';

/** Get-CsRevision: who changed what when, newest first. */
export const historyCommands: readonly CommandDefinition[] = [
  defineCommand({
    verb: 'Get',
    noun: 'CsRevision',
    kind: 'read',
    summary: 'Shows the history of changes, newest first: who, when, the command, and each object before and after.',
    parameters: z.object({
      identity: z.int().min(1).optional().describe('number of one revision'),
      last: z.int().min(1).max(1000).optional().describe('how many; default 20'),
      before: z.int().min(1).optional().describe('only revisions older than this number'),
    }),
    example: '-Last 5',
    async run(context, { identity, last, before }) {
      const limit = identity === undefined ? (last ?? 20) : 1;
      const from = identity === undefined ? before : identity + 1;
      const revisions = await context.ports.store.readRevisions(limit, from);
      const shown = identity === undefined ? revisions : revisions.filter(revision => revision.number === identity);
      const views = shown.map(({ number, epoch, atMs, author, from, summary, changes }) => ({
        identity: String(number),
        version: number,
        epoch,
        time: new Date(atMs).toISOString(),
        author,
        from: from ?? null,
        summary,
        changes,
      }));
      return ok(readResult(views, countOf(views.length, 'revision')));
    },
  }),
];
