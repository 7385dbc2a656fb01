import { type Xml, xmlDocument, xmlElement, xmlText } from './xml-writer.ts';

/** Media type of watcher information. */
export const watcherInfoMediaType = 'application/watcherinfo+xml';

/** State of a watcher's subscription (rfc3858 3.1). */
export type WatcherStatus = 'pending' | 'active' | 'waiting' | 'terminated';

/** What brought the watcher into its state (rfc3857 4.7.1). */
export type WatcherEvent =
  | 'subscribe'
  | 'approved'
  | 'deactivated'
  | 'probation'
  | 'rejected'
  | 'timeout'
  | 'giveup'
  | 'noresource';

/** One subscription to the resource. */
export interface WatcherElement {
  /** Stable over the life of the subscription. */
  readonly id: string;
  readonly uri: string;
  readonly displayName?: string;
  readonly status: WatcherStatus;
  readonly event: WatcherEvent;
  readonly subscribedSeconds?: number;
  readonly expiresSeconds?: number;
}

/** A watcher information document: all watchers of one resource, or those that changed. */
export interface WatcherInformation {
  /** 0 in the first document of a subscription, then one more in each (rfc3858 3.1). */
  readonly version: number;
  readonly state: 'full' | 'partial';
  /** URI of the resource that is watched. */
  readonly resource: string;
  /** Event package they subscribe to. */
  readonly event: string;
  readonly watchers: readonly WatcherElement[];
}

/** The document as UTF-8 (rfc3858 3.1). */
export function renderWatcherInformation(information: WatcherInformation): Uint8Array {
  const list = xmlElement(
    'watcher-list',
    { resource: information.resource, package: information.event },
    information.watchers.map(renderWatcher),
  );
  const attributes = {
    xmlns: 'urn:ietf:params:xml:ns:watcherinfo',
    version: String(information.version),
    state: information.state,
  };
  return xmlDocument(xmlElement('watcherinfo', attributes, [list]));
}

function renderWatcher(watcher: WatcherElement): Xml {
  const attributes = {
    id: watcher.id,
    status: watcher.status,
    event: watcher.event,
    'display-name': watcher.displayName,
    'duration-subscribed': seconds(watcher.subscribedSeconds),
    expiration: seconds(watcher.expiresSeconds),
  };
  return xmlElement('watcher', attributes, [xmlText(watcher.uri)]);
}

function seconds(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(Math.max(0, Math.round(value)));
}
