import type { FastifyReply } from 'fastify';
import { printableJson } from '../../base/printable.ts';

/** What every answer but a download is. */
export const jsonMediaType = 'application/json; charset=utf-8';

/** Sends a value as JSON that a terminal can show, as it is: what schemas say of answers is for the description only. */
export function sendJson(reply: FastifyReply, body: object): FastifyReply {
  return reply
    .type(jsonMediaType)
    .serializer(value => printableJson(JSON.stringify(value)))
    .send(body);
}
