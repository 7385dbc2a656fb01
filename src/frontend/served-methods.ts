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

/** What only a user's own client may ask for. */
const ownOnly: ReadonlySet<string> = new Set(['REGISTER', 'PUBLISH']);

/** Methods served to other organisations. */
export const servedOutside: ReadonlySet<string> = new Set([...servedMethods].filter(method => !ownOnly.has(method)));

/** The same two for an Allow header. */
export const methodsForUsers = [...servedMethods].join(', ');
export const methodsForOutside = [...servedOutside].join(', ');
