import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { commandDefinitions } from '../command-registry.ts';
import type { Management } from '../management.ts';
import { entityTag } from './entity-tag.ts';
import { FailureBody } from './failure-body.ts';
import { ListBody, ObjectBody } from './result-body.ts';
import { sendFailure } from './send-failure.ts';
import { sendJson } from './send-json.ts';

const failures = { '4xx': FailureBody, '5xx': FailureBody };

/** GET /api/v1/CsNoun and /api/v1/CsNoun/IDENTITY for every noun with a Get command; parameters come in the query. */
export function addObjectRoutes(api: FastifyInstance, management: Management): void {
  for (const { verb, noun, parameters, summary } of commandDefinitions) {
    if (verb !== 'Get') continue;
    const query = z.object({ ...parameters.shape, tenant: z.string().optional() });
    const list = { summary, tags: [noun], querystring: query, response: { 200: ListBody, ...failures } };
    api.get(`/api/v1/${noun}`, { schema: list }, (request, reply) => getObjects(management, noun, request, reply));
    const one = {
      summary,
      tags: [noun],
      params: z.object({ identity: z.string() }),
      querystring: z.object({ tenant: z.string().optional() }),
      response: { 200: ObjectBody, ...failures },
    };
    if (!('identity' in parameters.shape)) continue;
    api.get(`/api/v1/${noun}/:identity`, { schema: one }, (request, reply) => getObject(management, noun, request, reply));
  }
}

async function getObjects(
  management: Management,
  noun: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parameters = { ...(request.query as Record<string, unknown>) };
  const result = await management.execute({ verb: 'Get', noun, parameters }, request.principal);
  if (!result.ok) return sendFailure(reply, result.error);
  return sendJson(reply, { objects: result.value.objects, message: result.value.message });
}

async function getObject(
  management: Management,
  noun: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { identity } = request.params as { identity: string };
  const parameters = { ...(request.query as Record<string, unknown>), identity };
  const result = await management.execute({ verb: 'Get', noun, parameters }, request.principal);
  if (!result.ok) return sendFailure(reply, result.error);
  const [only] = result.value.objects;
  if (!only || result.value.objects.length > 1) {
    return sendJson(reply, { objects: result.value.objects, message: result.value.message });
  }
  return sendJson(reply.header('etag', entityTag(only.version)), only);
}
