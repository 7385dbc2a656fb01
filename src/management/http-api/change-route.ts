import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import type { Management } from '../management.ts';
import { FailureBody } from './failure-body.ts';
import { ComposedBody, resultBody } from './result-body.ts';
import { sendFailure } from './send-failure.ts';
import { sendJson } from './send-json.ts';

const ChangeBody = z.strictObject({
  commands: z
    .array(
      z.strictObject({
        command: z.string().regex(/^\w{1,40}-\w{1,80}$/, 'expected Verb-CsNoun'),
        parameters: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .describe('in the order in which they are carried out; each sees what those before it do'),
  whatIf: z.boolean().default(false).describe('say what would change, change nothing'),
});

/** POST /api/v1/changes: several commands that become one revision, or nothing at all. */
export function addChangeRoute(api: FastifyInstance, management: Management): void {
  const schema = {
    summary: 'Several commands as one change: all of them, or none.',
    tags: ['Changes'],
    body: ChangeBody,
    response: { 200: ComposedBody, '4xx': FailureBody, '5xx': FailureBody },
  };
  api.post('/api/v1/changes', { schema }, async (request, reply) => {
    const body = ChangeBody.safeParse(request.body);
    if (!body.success) {
      const [issue] = body.error.issues;
      const problem = `${issue?.path.join('.') || 'the body'}: ${issue?.message.replace(/^Invalid input: /, '')}`;
      return sendFailure(reply, failure('API_REQUEST_INVALID', { problem }));
    }
    const commands = body.data.commands.map(({ command, parameters }) => {
      const dash = command.indexOf('-');
      return { verb: command.slice(0, dash), noun: command.slice(dash + 1), parameters };
    });
    const result = await management.executeTogether(commands, body.data, request.principal);
    if (!result.ok) return sendFailure(reply, result.error);
    // Nobody on the way may keep it: it can hold generated passwords.
    return sendJson(reply.header('cache-control', 'no-store'), resultBody(result.value));
  });
}
