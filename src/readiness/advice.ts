/** What to do about a finding as the API sends it, with the command that does it; empty where nothing has to be done. */
export function adviceOf({ fix, fixCommand }: Readonly<Record<string, unknown>>): string {
  if (typeof fix !== 'string') return '';
  if (typeof fixCommand !== 'string' || fix.includes(fixCommand)) return fix;
  return `${fix.replace(/\.$/, '')}: ${fixCommand}.`;
}
