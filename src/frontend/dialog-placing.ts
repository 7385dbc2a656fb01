import { type Failure, failure } from '../base/failure.ts';
import type { BlockListScope } from '../policy/user-block-list.ts';
import type { RoutedRequest } from '../routing/routed-request.ts';
import { type DialogParts, type DialogPath, partyOfEnd, readDialogRoute } from './dialog-route.ts';

/**
 * Puts a request into its dialog: whoever is to be proven or judged then is the end it really comes from or goes to. DIALOG_UNKNOWN for one
 * that has no place.
 */
export function placeInDialog(parts: DialogParts, context: RoutedRequest<DialogPath>): Failure | undefined {
  const { request, inDialog, from } = context;
  const dialog = inDialog ? readDialogRoute(parts, request, from.aor) : undefined;
  if (!dialog) return mayLackRoute(inDialog, request.method) ? undefined : failure('DIALOG_UNKNOWN', { method: request.method });
  context.dialog = dialog;
  context.target = partyOfEnd(dialog.end, context.target);
  if (dialog.sender.aor !== from.aor) context.from = partyOfEnd(dialog.sender, from);
  return undefined;
}

/** Inside a dialog a request needs our route, unless we are its other end as notifier; a NOTIFY is nothing without a dialog (rfc6665 4.1.3). */
function mayLackRoute(inDialog: boolean, method: string): boolean {
  return inDialog ? method === 'SUBSCRIBE' : method !== 'NOTIFY';
}

/**
 * Where a request meets the block list of the user it is for. A block acts in the middle of a dialog too (D8). It does not stop what the
 * user has asked for: the NOTIFY of a dialog that the user began.
 */
export function blockListScope({ request, inDialog, dialog }: RoutedRequest<DialogPath>): BlockListScope {
  const { method } = request;
  if (method === 'SUBSCRIBE' && dialog === undefined) return 'nowhere';
  if (!inDialog) return 'outside dialogs';
  return method === 'NOTIFY' && dialog?.toCaller ? 'nowhere' : 'inside a dialog';
}
