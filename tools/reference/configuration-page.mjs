// docs/configuration.md, from the schemas that read the configuration files.
import { EdgeServerConfiguration, FrontEndServerConfiguration } from '../../src/server/server-configuration.ts';
import { code, defaultText, describeSchema, sentence, table, typeText } from './schema-text.mjs';

const columns = ['Key', 'Value', 'Default', 'Meaning'];

export function configurationPage() {
  const frontEnd = FrontEndServerConfiguration.shape;
  const edge = EdgeServerConfiguration.shape;
  const common = Object.keys(frontEnd).filter(name => frontEnd[name] === edge[name]);
  const own = shape => Object.keys(shape).filter(name => !common.includes(name));
  return `# Configuration files

A server reads one YAML file: \`parley serve --config FILE\`. It holds what this machine needs in order to run: addresses, ports, files. Everything an
admin decides (users, domains, policies, the topology) is in the store instead, and is changed with commands: see [objects](objects.md).
This page is written by \`npm run docs\` from the schemas the server reads the file with.

- An unknown key, a wrong value or a double key stops the start, with the line and what was expected there. Nothing is guessed.
- Relative paths start at the folder of the file.
- A key without a default must be there; one marked *optional* may be left out.
- The file is read at the start. Renewing certificates, backup, logs: [operations](operations.md).

Whole files: of a [Front End](first-federation.md#5-the-front-end), of an [Edge](first-federation.md#6-enrol-the-edge).

## Keys of both servers

${keyTable(frontEnd, common)}

## Keys of a Front End

${keyTable(frontEnd, own(frontEnd))}

## Keys of an Edge

${keyTable(edge, own(edge))}
`;
}

function keyTable(shape, names) {
  return table(
    columns,
    names.flatMap(name => rows(name, name, shape[name], false)),
  );
}

function rows(name, path, schema, isInsideOptional) {
  const { inner, meaning, defaultValue, isOptional } = describeSchema(schema);
  if (!meaning) throw new Error(`${path} has no description`);
  const isLeaf = inner.def.type !== 'object';
  const optional = isOptional && !isInsideOptional ? '*optional*' : '';
  const told = isLeaf ? defaultText(defaultValue) || optional || '' : optional;
  const type = isLeaf ? (isPath(name) ? pathType(inner) : typeText(schema)) : '';
  const row = [isLeaf ? code(path) : `**${code(path)}**`, type, told, sentence(meaning)];
  if (isLeaf) return [row];
  return [row, ...Object.entries(inner.shape).flatMap(([key, child]) => rows(key, `${path}.${key}`, child, false))];
}

function isPath(name) {
  return /(?:File|Files|Folder)$/.test(name);
}

function pathType(inner) {
  return inner.def.type === 'array' ? 'list of paths' : 'path';
}
