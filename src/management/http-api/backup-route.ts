import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { FailureError } from '../../base/failure.ts';
import { checkAdministrator } from '../permission.ts';
import { sendFailure } from './send-failure.ts';

/**
 * GET /api/v1/backup: the whole store as lines of JSON, credentials sealed and no keys with them. Its last line sums up the others, so that
 * an answer cut short is noticed.
 */
export function addBackupRoute(api: FastifyInstance, backup: () => AsyncIterable<string>): void {
  const schema = { summary: 'A backup of the whole store, without secrets.', tags: ['Backup'] };
  api.get('/api/v1/backup', { schema }, async (request, reply) => {
    const permitted = checkAdministrator(request.principal, 'a backup');
    if (!permitted.ok) return sendFailure(reply, permitted.error);
    const lines = backup()[Symbol.asyncIterator]();
    try {
      // before anything is sent: a store that is away is answered as such
      const first = await lines.next();
      reply.header('cache-control', 'no-store').type('application/x-ndjson');
      return reply.send(Readable.from(withFirst(first, lines)));
    } catch (fault) {
      if (fault instanceof FailureError) return sendFailure(reply, fault.failure);
      throw fault;
    }
  });
}

async function* withFirst(first: IteratorResult<string>, rest: AsyncIterator<string>): AsyncGenerator<string> {
  for (let next = first; !next.done; next = await rest.next()) yield `${next.value}\n`;
}
