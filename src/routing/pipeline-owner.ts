import { createResponse } from '../sip/create-message.ts';
import { ownerOf } from '../wire/inbound-buffers.ts';
import type { PipelineOwner } from './pipeline.ts';
import type { RoleLog } from './role-log.ts';
import type { RoutedRequest } from './routed-request.ts';

/** The owner of a role's pipeline; how it refuses is its own. */
export function pipelineOwner<C extends RoutedRequest<unknown>>(
  log: RoleLog,
  refused: PipelineOwner<C>['refused'],
): PipelineOwner<C> {
  return {
    refused,
    dropped: (context, why, step) => log.event('dropped', { why, step, method: context.request.method }),
    faulted: ({ request, transaction }, fault, step) => {
      log.faulted(request, fault, step);
      transaction.respond(createResponse(request, 500));
    },
    orderKey,
    peerKey: ({ flow, payer }) => payer ?? (flow.peer ? ownerOf(flow.peer) : flow.id),
  };
}

/** Order is kept per flow and call; pager messages of one pair keep theirs too, though each has a Call-ID of its own (D11). */
function orderKey({ request, flow }: RoutedRequest<unknown>): string {
  return request.method === 'MESSAGE' && request.toTag === undefined
    ? `${flow.id} ${request.fromUri} ${request.toUri}`
    : `${flow.id} ${request.callId}`;
}
