import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Failure, failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type CommandDefinition, commandName } from '../command.ts';
import { commandDefinitions, findCommand } from '../command-registry.ts';
import type { Management } from '../management.ts';
import { entityTag, versionOfMatch } from './entity-tag.ts';
import { FailureBody } from './failure-body.ts';
import { ResultBody, resultBody } from './result-body.ts';
import { sendFailure } from './send-failure.ts';
import { sendJson } from './send-json.ts';

/** POST /api/v1/commands/Verb-CsNoun for every command of the table. */
export function addCommandRoutes(api: FastifyInstance, management: Management): void {
  for (const definition of commandDefinitions) {
    const name = commandName(definition);
    const handler = (request: FastifyRequest, reply: FastifyReply) => runCommand(management, definition, request, reply);
    api.post(`/api/v1/commands/${name}`, { schema: commandSchema(definition) }, handler);
  }
  // Other letter cases, and names that do not exist: answered with a suggestion.
  api.post('/api/v1/commands/:name', { schema: { hide: true } }, (request, reply) => {
    const { name } = request.params as { name: string };
    const dash = name.indexOf('-');
    const definition = findCommand(name.slice(0, Math.max(dash, 0)).slice(0, 40), name.slice(dash + 1).slice(0, 80));
    return definition.ok ? runCommand(management, definition.value, request, reply) : sendFailure(reply, definition.error);
  });
}

function commandSchema(definition: CommandDefinition) {
  return {
    summary: definition.summary,
    description: `Example: ${definition.example}`,
    tags: [definition.noun],
    body: definition.parameters.extend({ tenant: z.string().optional().describe('name of the tenant') }),
    response: { 200: ResultBody, '4xx': FailureBody, '5xx': FailureBody },
  };
}

async function runCommand(
  management: Management,
  { verb, noun }: CommandDefinition,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parameters = readBody(request);
  if (!parameters.ok) return sendFailure(reply, parameters.error);
  const result = await management.execute({ verb, noun, parameters: parameters.value }, request.principal);
  if (!result.ok) return sendFailure(reply, result.error);
  const only = result.value.objects[0];
  if (only && result.value.objects.length === 1) reply.header('etag', entityTag(only.version));
  // Nobody on the way may keep it: it can hold a generated password.
  reply.header('cache-control', 'no-store');
  return sendJson(reply, resultBody(result.value));
}

function readBody(request: FastifyRequest): Result<Record<string, unknown>, Failure> {
  const body = request.body ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) {
    return err(failure('API_REQUEST_INVALID', { problem: 'the body is not a JSON object with parameters' }));
  }
  const version = versionOfMatch(request.headers['if-match']);
  if (version === undefined) return ok({ ...body });
  if (Number.isNaN(version)) return err(failure('API_REQUEST_INVALID', { problem: 'If-Match is not an ETag of this server' }));
  return ok({ ...body, expectedVersion: version });
}
