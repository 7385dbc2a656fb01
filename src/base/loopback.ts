/** Whether a host as configured or as a URL has it (IPv6 with or without brackets) is this machine itself: what is sent there never leaves it. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|\[?::1\]?|localhost)$/i.test(host);
}
