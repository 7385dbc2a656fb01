import type { BlockListScope } from '../policy/user-block-list.ts';
import type { RoutedRequest } from '../routing/routed-request.ts';
import { type DialogParts, type DialogPath, partyOfEnd, readDialogRoute } from './dialog-route.ts';

/** Reads the route of a request inside a dialog; whoever is to be proven or judged then is the end it really comes from or goes to. */
export function placeInDialog(parts: DialogParts, context: RoutedRequest<DialogPath>): void {
  if (!context.inDialog) return;
  const { from } = context;
  const dialog = readDialogRoute(parts, context.request, from.aor);
  context.dialog = dialog;
  if (!dialog) return;
  context.target = partyOfEnd(dialog.end, context.target);
  if (dialog.sender.aor !== from.aor) context.from = partyOfEnd(dialog.sender, from);
}

/** Inside a dialog a request needs our route, unless we are its other end as notifier; a NOTIFY is nothing without a dialog (rfc6665 4.1.3). */
export function isPlaced({ inDialog, dialog, request }: RoutedRequest<DialogPath>): boolean {
  if (dialog) return true;
  return inDialog ? request.method === 'SUBSCRIBE' : request.method !== 'NOTIFY';
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
