// A reporter for node:test that writes one JSON line for each test that ran to its end: for pages made from what was tested.
// oxlint-disable-next-line import/no-default-export -- node:test takes a reporter by its default export
export default async function* outcomeReporter(events) {
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite') continue;
    const { name, file, nesting, skip, todo } = data;
    yield `${JSON.stringify({ name, file, nesting, outcome: skip !== undefined || todo !== undefined ? 'skipped' : type.slice(5) })}\n`;
  }
}
