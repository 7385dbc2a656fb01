import { defineErrors } from './definition.ts';

/** Failures of publications and subscriptions. */
export const presenceErrors = defineErrors({
  EVENT_NOT_SUPPORTED: {
    text: 'The event package {event} is not served here.',
    fix: 'Nothing to do unless a client depends on it; Allow-Events names the packages served.',
    severity: 'info',
    sip: { insideStatus: 489, outsideStatus: 489 },
  },
  ETAG_UNKNOWN: {
    text: 'The publication {etag} is not known: it has expired, was removed or was replaced.',
    fix: 'The client publishes its whole state again; nothing to do.',
    severity: 'info',
    sip: { insideStatus: 412, outsideStatus: 412 },
  },
  SUBSCRIPTION_UNKNOWN: {
    text: 'The SUBSCRIBE belongs to no subscription that is known here.',
    fix: 'The watcher subscribes anew; nothing to do.',
    severity: 'info',
    sip: { insideStatus: 481, outsideStatus: 481 },
  },
  REQUEST_OUT_OF_ORDER: {
    text: 'The CSeq {cseq} is not higher than that of an earlier request of the dialog.',
    fix: 'Nothing to do: a newer request has overtaken this one.',
    severity: 'info',
    sip: { insideStatus: 500, outsideStatus: 500 },
  },
  CONTENT_TYPE_NOT_SUPPORTED: {
    text: 'A body of the type {type} cannot be used here.',
    fix: 'The client has to send {supported}.',
    severity: 'info',
    sip: { insideStatus: 415, outsideStatus: 415 },
  },
  CONTENT_ENCODING_NOT_SUPPORTED: {
    text: 'A body with the encoding {encoding} cannot be read here.',
    fix: 'The client has to send its body as it is ({supported}).',
    severity: 'info',
    sip: { insideStatus: 415, outsideStatus: 415 },
  },
  ACCEPT_NOT_SUPPORTED: {
    text: 'The watcher takes none of the document types of the event: it accepts {accept}.',
    fix: 'The client has to accept {supported}.',
    severity: 'info',
    sip: { insideStatus: 406, outsideStatus: 406 },
  },
  EVENT_EXPIRY_TOO_BRIEF: {
    text: 'The publication or subscription asks for {expires} seconds; at least {min} are required.',
    fix: 'The client tries again with the time in Min-Expires; nothing to do.',
    severity: 'info',
    sip: { insideStatus: 423, outsideStatus: 423 },
  },
  PRESENCE_NOT_OWNER: {
    text: '{sender} may not do this for {user}: it is for the user alone.',
    fix: 'Sign in as {user}.',
    severity: 'warning',
    sip: { insideStatus: 403, outsideStatus: 403 },
  },
  WATCHER_REJECTED: {
    text: '{user} does not let {watcher} see the presence.',
    fix: 'Nothing to do if the user wants it so; else look at the list: parley user block {user}.',
    severity: 'info',
    sip: { insideStatus: 403, outsideStatus: 403 },
  },
  PUBLICATION_LIMIT_REACHED: {
    text: '{user} already has {limit} publications.',
    fix: 'Sign out an endpoint; publications of endpoints that are gone end by themselves.',
    severity: 'info',
    sip: { insideStatus: 403, outsideStatus: 403 },
  },
  SUBSCRIPTION_LIMIT_REACHED: {
    text: '{user} has reached the limit of {limit} subscriptions.',
    fix: 'Look for a client that subscribes again and again without ending what it has. Where many watch a user for good reasons, allow more: parley Set-CsPresencePolicy --help.',
    severity: 'warning',
    sip: { insideStatus: 403, outsideStatus: 403 },
  },
});
