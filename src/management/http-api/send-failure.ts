import type { FastifyReply } from 'fastify';
import { errorRegistry } from '../../base/errors/registry.ts';
import type { Failure } from '../../base/failure.ts';
import { failureBody } from './failure-body.ts';
import { sendJson } from './send-json.ts';

/** Sends a failure with the status its code has. */
export function sendFailure(reply: FastifyReply, of: Failure): FastifyReply {
  return sendJson(reply.code(errorRegistry[of.code].http ?? 500), failureBody(of));
}
