import type { TortureRow, Verdict } from './torture-row.ts';

const head = `# Torture messages: what becomes of odd and broken SIP

A message of our own for every point of RFC 4475 and RFC 5118, with its verdict. This page is written by
\`UPDATE_DOCS=1 npm test -- torture\` from the table in \`test/torture/\`. The tests read each message whole, cut at every offset and byte by
byte, and send it to a running Front End over TLS as alice, who has signed in. Where \`PARLEY_TORTURE\` names a folder with the messages of
RFC 4475 itself, they have to get the same verdicts.

- **accepted**: valid, and treated so. *delivered* means that adam’s client received it and its answer came back.
- **tolerated**: not as it should be; the RFC leaves the choice and it is treated as valid.
- **refused**: answered with that status; *closes* where nobody can know where the message ends.
- **dropped**: a response that cannot be read. Responses are never answered.
`;

/** The page for the documentation. */
export function tortureDocument(rows: readonly TortureRow[]): string {
  const lines: string[] = [head];
  for (const rfc of ['RFC 4475', 'RFC 5118'] as const) {
    lines.push(`## ${rfc}`, '', line(['Section', 'Name', 'Point', 'Verdict', 'Why']), line(['---', '---', '---', '---', '---']));
    for (const row of rows.filter(each => each.rfc === rfc)) {
      const mark = row.deviation === undefined ? '' : ' (\\*)';
      lines.push(line([row.section, row.name, row.point, verdictText(row) + mark, row.why]));
    }
    lines.push('');
  }
  lines.push('## Where we differ', '', 'Marked (\\*) above: the RFC wants something else.', '');
  for (const row of rows)
    if (row.deviation !== undefined) lines.push(`- **${row.name}** (${row.rfc} ${row.section}). ${row.deviation}`);
  return `${lines.join('\n')}\n`;
}

function verdictText({ verdict, datagram }: TortureRow): string {
  const text = describe(verdict);
  return datagram === undefined ? text : `${text}; as a datagram ${datagram === 'accept' ? 'accepted' : 'refused'}`;
}

function describe(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'accept':
      return `accepted, ${answerText(verdict.answer)}`;
    case 'tolerate':
      return `tolerated, ${answerText(verdict.answer)}`;
    case 'reject':
      return `refused by the ${verdict.by}, ${verdict.status}${verdict.closes ? ', closes' : ''}`;
    case 'drop':
      return `dropped${verdict.closes ? ', closes' : ''}`;
    case 'wait':
      return 'waited for';
  }
}

function answerText(answer: number | string): string {
  if (answer === 'none') return 'no answer';
  return answer === 'delivered' ? answer : `answered ${answer}`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
