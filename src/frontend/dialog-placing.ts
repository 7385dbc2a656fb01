import type { RoutedRequest } from '../routing/routed-request.ts';
import { type DialogRoute, partyOfEnd, readDialogRoute } from './dialog-route.ts';
import type { FrontEndParts } from './front-end-parts.ts';

/** Reads the route of a request inside a dialog; policy then judges the end it really goes to. */
export function placeInDialog(parts: FrontEndParts, context: RoutedRequest<DialogRoute>): void {
  if (!context.inDialog) return;
  context.dialog = readDialogRoute(parts, context.request, context.from.aor);
  if (context.dialog) context.target = partyOfEnd(context.dialog.end, context.target);
}

/** Inside a dialog a request needs our route, unless we are its other end as notifier; a NOTIFY is nothing without a dialog (rfc6665 4.1.3). */
export function isPlaced({ inDialog, dialog, request }: RoutedRequest<DialogRoute>): boolean {
  if (dialog) return true;
  return inDialog ? request.method === 'SUBSCRIBE' : request.method !== 'NOTIFY';
}
