/** What the type of a request is judged by. */
export interface FederatedRequest {
  readonly method: string;
  /** Event package of a SUBSCRIBE or NOTIFY, with or without its parameters. */
  readonly event?: string;
  /** Whether the request belongs to a dialog that already exists (it carries a To tag we know). */
  readonly inDialog: boolean;
  /** Whether it may bring audio or video about; public providers need a policy bit of their own for that. */
  readonly offersAudioVideo?: boolean;
}

const crossingOutOfDialog = new Set(['INVITE', 'MESSAGE', 'OPTIONS', 'REFER', 'INFO', 'PRACK', 'UPDATE', 'CANCEL', 'ACK', 'BYE']);
/** Packages that people outside may subscribe to: everything else is between a user and the user's own server. */
const crossingPackages = new Set(['presence', 'conference']);
const privateMethods = new Set(['REGISTER', 'PUBLISH', 'SERVICE']);
const privatePackages =
  /^(?:presence\.winfo|presence\.wpending|reg|registration(?:-notify)?|vnd-microsoft-(?:roaming-.*|provisioning.*|ucwa.*))$/;

/** Whether requests of this type cross between organisations at all; in either direction the same. Methods are case-sensitive (rfc3261 7.1). */
export function mayCross(request: FederatedRequest): boolean {
  const { method } = request;
  if (privateMethods.has(method)) return false;
  const eventPackage = packageOf(request.event);
  if (eventPackage !== undefined && privatePackages.test(eventPackage)) return false;
  if (request.inDialog) return true;
  if (method === 'SUBSCRIBE') return eventPackage !== undefined && crossingPackages.has(eventPackage);
  return crossingOutOfDialog.has(method);
}

/** The type of a request as an admin reads it: the method, and the event package where it has one. */
export function requestTypeOf(request: FederatedRequest): string {
  const eventPackage = packageOf(request.event);
  return eventPackage === undefined ? request.method : `${request.method} ${eventPackage}`;
}

function packageOf(event: string | undefined): string | undefined {
  if (event === undefined) return undefined;
  const semicolon = event.indexOf(';');
  return (semicolon < 0 ? event : event.slice(0, semicolon)).trim().toLowerCase();
}
