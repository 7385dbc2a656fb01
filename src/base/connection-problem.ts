const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not in DNS',
  EAI_AGAIN: 'DNS gives no answer',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  EHOSTUNREACH: 'there is no way to that address',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'it does not answer',
  EMFILE: 'too many files are open',
};

/** Why a connection failed, in words for people; TLS says it in its own, without the places in its source; else those of the system. */
export function connectionProblem(cause: unknown): string {
  const { code, reason, message } = cause as { readonly code?: unknown; readonly reason?: unknown; readonly message?: unknown };
  if (typeof reason === 'string' && reason !== '') return reason;
  return words[String(code)] ?? String(message ?? cause);
}
