import type { FastifyReply } from 'fastify';

/** What every answer but a download is. */
export const jsonMediaType = 'application/json; charset=utf-8';

/** Sends a value as JSON, as it is: what schemas say of answers is for the description only. */
export function sendJson(reply: FastifyReply, body: object): FastifyReply {
  return reply.type(jsonMediaType).serializer(JSON.stringify).send(body);
}
