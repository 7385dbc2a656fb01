import { defineErrors } from './definition.ts';

/** Failures of who somebody is, and of finding a user's endpoints. */
export const identityErrors = defineErrors({
  CREDENTIALS_REQUIRED: {
    text: 'The request needs credentials.',
    fix: 'The client answers the challenge with its password; nothing to do.',
    severity: 'info',
    sip: { insideStatus: 401, outsideStatus: 401 },
  },
  CREDENTIALS_WRONG: {
    text: 'The password or user name given for {login} is wrong.',
    fix: 'Set a new password: parley user password ADDRESS --generate.',
    severity: 'warning',
    http: 401,
    sip: { insideStatus: 401, outsideStatus: 401 },
  },
  CREDENTIALS_BACK_OFF: {
    text: 'Too many wrong passwords for {login}: further attempts are refused for {seconds} seconds.',
    fix: 'Wait, or check which client still has an old password.',
    severity: 'warning',
    http: 429,
    sip: { insideStatus: 403, outsideStatus: 403 },
  },
  FROM_NOT_AUTHENTICATED: {
    text: 'The From address {from} is not one this connection has authenticated.',
    fix: 'Sign in with the address that is used in From.',
    severity: 'warning',
    sip: {
      insideStatus: 403,
      diagnosticsId: 4004,
      diagnosticsReason: 'Credentials provided are not authorized to act as specified from URI',
      outsideStatus: 403,
      publicId: 4004,
    },
  },
  USER_SUSPENDED: {
    text: '{user} is suspended.',
    fix: 'Resume the account: parley user resume {user}.',
    severity: 'info',
    http: 409,
    sip: { insideStatus: 403, diagnosticsId: 4141, diagnosticsReason: 'User disabled', outsideStatus: 403, publicId: 4141 },
  },
  USER_UNKNOWN: {
    text: '{user} is not an enabled user here.',
    fix: 'Check the address, or enable the user: parley user enable {user}.',
    severity: 'info',
    http: 404,
    sip: {
      insideStatus: 404,
      diagnosticsId: 4005,
      diagnosticsReason: 'Destination URI either not enabled for SIP or does not exist',
      outsideStatus: 404,
    },
  },
  USER_OFFLINE: {
    text: '{user} has no endpoint signed in, and messages are not kept for later.',
    fix: 'Nothing to do: the sender is told that the message was not delivered.',
    severity: 'info',
    sip: { insideStatus: 480, outsideStatus: 480 },
  },
  BINDING_EXPIRY_TOO_BRIEF: {
    text: 'The registration asks for {expires} seconds; at least {min} are required.',
    fix: 'The client registers again with the time in Min-Expires; nothing to do.',
    severity: 'info',
    sip: { insideStatus: 423, outsideStatus: 423 },
  },
  ENDPOINT_LIMIT_REACHED: {
    text: '{user} already has {limit} endpoints.',
    fix: 'Sign out an endpoint, or allow more: parley Set-CsRegistrarConfiguration -MaxEndpointsPerUser 16.',
    severity: 'info',
    sip: { insideStatus: 403, outsideStatus: 403 },
  },
  SEAL_KEYS_UNREADABLE: {
    text: 'The key file {path} that seals passwords cannot be used: {detail}.',
    fix: 'Restore the file from the backup: without it every password has to be set again.',
    severity: 'error',
  },
  SEAL_BROKEN: {
    text: 'A stored credential cannot be opened with key {keyId}.',
    fix: 'Restore the key file that belongs to this database, or set the user a new password.',
    severity: 'error',
    http: 500,
  },
  ENDPOINT_SILENT: {
    text: 'The endpoints of {user} gave no answer in time.',
    fix: 'Nothing to do if it happens once; else look at the network between that client and the Front End.',
    severity: 'info',
    sip: { insideStatus: 408, outsideStatus: 408 },
  },
  RESPONSE_FOREIGN: {
    text: 'An answer from {who} had the From, To, Call-ID or CSeq of another request; it was not passed on.',
    fix: 'Ask whoever runs that server or client: its answers have to repeat those of the request (RFC 3261, 8.2.6.2).',
    severity: 'warning',
    sip: { insideStatus: 502, outsideStatus: 502 },
  },
  RESPONSE_TOO_LARGE: {
    text: 'An answer from {who} was longer than what a client is sent; it was not passed on.',
    fix: 'Ask whoever runs that server: what servers send each other may be longer than what a client takes (128 KB).',
    severity: 'info',
    sip: { insideStatus: 502, outsideStatus: 502 },
  },
  TRUNK_PEER_UNKNOWN: {
    text: 'A server that is no Edge of the topology ({names}) sent a request over a trunk.',
    fix: 'If it is an Edge, add it: parley New-CsEdgeServer --help; else find out who holds a certificate of the internal CA.',
    severity: 'warning',
    sip: { insideStatus: 403, outsideStatus: 403 },
  },
  TRUST_HEADER_MISSING: {
    text: 'The Edge {names} handed in a request without saying where it comes from.',
    fix: 'See that Edge and Front End run the same version.',
    severity: 'warning',
    sip: { insideStatus: 403, outsideStatus: 403 },
  },
  CREDENTIALS_UNREADABLE: {
    text: 'The store cannot be read, so nobody new can prove who they are. Users who are signed in go on.',
    fix: 'See why the store is away: parley check; clients try again by themselves.',
    severity: 'error',
    http: 503,
    sip: { insideStatus: 503, outsideStatus: 503 },
  },
  RECIPIENT_SILENT: {
    text: 'Nobody at {domain} answered in time; the request had left.',
    fix: 'Ask the partner whether it arrived; see whether its server is reached: parley check {domain}.',
    severity: 'info',
    sip: { insideStatus: 408, outsideStatus: 408 },
  },
});
