/** Methods served here; anything else is answered 405. */
export const servedMethods: ReadonlySet<string> = new Set([
  'REGISTER',
  'MESSAGE',
  'OPTIONS',
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'UPDATE',
  'PRACK',
  'INFO',
  'REFER',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
]);

/** The same for an Allow header. */
export const allowedMethods = [...servedMethods].join(', ');
