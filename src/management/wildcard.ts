/** A test for text against a pattern where `*` stands for anything; letter case and composition (NFC) do not count. Linear, whatever the pattern. */
export function wildcardMatcher(pattern: string): (text: string) => boolean {
  const parts = pattern.normalize('NFC').toLowerCase().split('*');
  const first = parts[0] as string;
  const last = parts[parts.length - 1] as string;
  if (parts.length === 1) return text => text.toLowerCase() === first;
  return text => {
    const subject = text.toLowerCase();
    if (!subject.startsWith(first)) return false;
    let at = first.length;
    for (const part of parts.slice(1, -1)) {
      const found = subject.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return subject.length - last.length >= at && subject.endsWith(last);
  };
}
