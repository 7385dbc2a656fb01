import type { BlockListScope } from '../policy/user-block-list.ts';
import type { RoutedRequest } from '../routing/routed-request.ts';
import type { DialogRoute } from './dialog-route.ts';

/**
 * Where a request meets the block list of the user it is for. A block acts in the middle of a dialog too (D8). It does not stop what the
 * user has asked for: the NOTIFY of a dialog that the user began.
 */
export function blockListScope({ request, inDialog, dialog }: RoutedRequest<DialogRoute>): BlockListScope {
  const { method } = request;
  if (method === 'SUBSCRIBE' && dialog === undefined) return 'nowhere';
  if (!inDialog) return 'outside dialogs';
  return method === 'NOTIFY' && dialog?.toCaller ? 'nowhere' : 'inside a dialog';
}
