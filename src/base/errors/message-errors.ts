import { defineErrors } from './definition.ts';

/** Failures of SIP messages as such: syntax, size, method, routing headers. */
export const messageErrors = defineErrors({
  MESSAGE_MALFORMED: {
    text: 'The SIP message is malformed: {detail}.',
    fix: 'The sender has to correct its message.',
    severity: 'warning',
    sip: { insideStatus: 400, outsideStatus: 400 },
  },
  MESSAGE_HEAD_TOO_LARGE: {
    text: 'The head of the SIP message is longer than {limit} bytes or has more than {maxHeaders} headers.',
    fix: 'Look for a routing loop or a client that repeats headers; the limit is limits.headBytes in the configuration file.',
    severity: 'warning',
    sip: { insideStatus: 513, outsideStatus: 513 },
  },
  MESSAGE_BODY_TOO_LARGE: {
    text: 'The body of the SIP message is {length} bytes; at most {limit} are accepted here.',
    fix: 'Send the content another way: the limit is fixed.',
    severity: 'info',
    sip: { insideStatus: 513, outsideStatus: 513 },
  },
  MESSAGE_TOO_LARGE_FOR_ENDPOINT: {
    text: 'The body of the SIP message to {user} is {length} bytes; endpoints are sent at most {limit}.',
    fix: 'Send the content another way: what servers send each other may be longer than what a client takes.',
    severity: 'info',
    sip: { insideStatus: 513, outsideStatus: 513 },
  },
  NO_ROOM_FOR_MESSAGE: {
    text: 'Messages that this peer has begun and not completed hold all the memory that it may take.',
    fix: 'Look for a peer that announces long bodies and does not send them; parley_limit_taken shows how much is held in all.',
    severity: 'warning',
    sip: { insideStatus: 503, outsideStatus: 503 },
  },
  VERSION_NOT_SUPPORTED: {
    text: 'The message has the protocol version {version}; only SIP/2.0 is spoken here.',
    fix: 'Nothing to do: the sender has to speak SIP/2.0.',
    severity: 'info',
    sip: { insideStatus: 505, outsideStatus: 505 },
  },
  URI_MALFORMED: {
    text: 'The URI {uri} is malformed: {detail}.',
    fix: 'Correct the address; it looks like sip:user@example.com.',
    severity: 'info',
    http: 400,
    sip: { insideStatus: 400, outsideStatus: 400 },
  },
  METHOD_NOT_SUPPORTED: {
    text: 'The method {method} is not supported here.',
    fix: 'Nothing to do unless a client depends on it.',
    severity: 'info',
    sip: { insideStatus: 405, outsideStatus: 405 },
  },
  EXTENSION_NOT_SUPPORTED: {
    text: 'The request requires the extension {extension}, which is not supported.',
    fix: 'The client has to work without that extension.',
    severity: 'info',
    sip: { insideStatus: 420, outsideStatus: 420 },
  },
  REQUEST_MERGED: {
    text: 'The same {method} request has arrived over another path before.',
    fix: 'Nothing to do: the first one was carried out. If it happens often, look for a proxy that forks to one server twice.',
    severity: 'info',
    sip: { insideStatus: 482, outsideStatus: 482 },
  },
  URI_SCHEME_NOT_SUPPORTED: {
    text: 'The request URI {uri} has a scheme that cannot be routed here.',
    fix: 'Use a sip: or sips: address.',
    severity: 'info',
    sip: { insideStatus: 416, outsideStatus: 416 },
  },
  TOO_MANY_HOPS: {
    text: 'The request reached its Max-Forwards limit.',
    fix: 'Look for servers that hand it to each other: check the home server and the hosting provider of the recipient.',
    severity: 'warning',
    sip: { insideStatus: 483, outsideStatus: 483 },
  },
  LOOP_DETECTED: {
    text: 'The {method} request for {user} has come back to where it was sent on to several endpoints before.',
    fix: 'Look for an endpoint of {user} that forwards what it gets to the same address.',
    severity: 'warning',
    sip: { insideStatus: 482, outsideStatus: 482 },
  },
  MAX_BREADTH_EXCEEDED: {
    text: 'The request would go to {branches} endpoints of {user} at once and may have {breadth} branches (Max-Breadth).',
    fix: 'Look for a proxy before us that forks widely, or for a client that sets a small Max-Breadth.',
    severity: 'info',
    sip: { insideStatus: 440, outsideStatus: 440 },
  },
  SERVER_BUSY: {
    text: 'The server has reached its limit of outstanding requests ({limit}).',
    fix: 'The client tries again after the time in Retry-After; look at the load if it happens often.',
    severity: 'warning',
    http: 503,
    sip: { insideStatus: 503, outsideStatus: 503 },
  },
  DIALOG_UNKNOWN: {
    text: 'The {method} request belongs to no dialog known here.',
    fix: 'Nothing to do: the call or subscription it belongs to has ended, or the client begins it anew.',
    severity: 'info',
    sip: { insideStatus: 481, outsideStatus: 481 },
  },
});
