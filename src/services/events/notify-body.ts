import type { EventPackage } from './event-package.ts';
import { emptyNotifyBody, type NotifyBody } from './notifier-dialog.ts';
import type { ResourceList, ResourceReport } from './resource-list.ts';
import type { Subscription, Watch } from './subscription.ts';

/** What is told of one resource: nothing while the user has not said so, and nothing more to who was refused or cut off. */
export function watchBody(eventPackage: EventPackage, watch: Watch, isForced: boolean): NotifyBody | undefined {
  const { state } = watch;
  if (state.kind === 'pending') return isForced ? emptyNotifyBody : undefined;
  if (state.kind === 'terminated' && state.reason !== 'timeout') return emptyNotifyBody;
  const body = eventPackage.bodyFor(watch, isForced);
  if (body !== undefined) watch.lastBody = body;
  return body;
}

/** What is told of a list: after a SUBSCRIBE of all resources, then of those that have changed. */
export function listBody(
  eventPackage: EventPackage,
  subscription: Subscription,
  list: ResourceList,
  isForced: boolean,
): NotifyBody | undefined {
  const { state, watches, changed, refused = [] } = subscription;
  if (state.kind === 'terminated' && state.reason !== 'timeout') return emptyNotifyBody;
  const told = isForced ? watches : [...(changed ?? [])];
  changed?.clear();
  const reports: ResourceReport[] = [];
  for (const watch of told) {
    const body = watchBody(eventPackage, watch, isForced);
    const isNews = isForced || body !== undefined;
    if (isNews) reports.push({ user: watch.user, state: watch.state, body: body?.contentType === undefined ? undefined : body });
  }
  if (isForced)
    for (const user of refused) reports.push({ user, state: { kind: 'terminated', reason: 'rejected' }, body: undefined });
  return isForced || reports.length > 0 ? list.assemble(reports, isForced, subscription.listVersion++) : undefined;
}
