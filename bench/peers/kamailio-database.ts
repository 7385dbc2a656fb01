import { readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** What is in the database of one Kamailio. */
export interface KamailioContent {
  readonly domain: string;
  readonly users: number;
  /** Allowed domains beside the partner's. */
  readonly domains: number;
  readonly partner: { readonly domain: string; readonly address: string };
}

const schemas = '/usr/share/kamailio/db_sqlite';

/** Makes its SQLite database: users u0 … with the passwords pw-u0 …, and the list of allowed domains with their addresses. */
export function makeKamailioDatabase(file: string, { domain, users, domains, partner }: KamailioContent): void {
  rmSync(file, { force: true });
  const database = new DatabaseSync(file);
  for (const part of ['standard', 'auth_db', 'usrloc', 'htable', 'presence']) {
    database.exec(readFileSync(`${schemas}/${part}-create.sql`, 'utf8'));
  }
  // a table of the form that its htable module reads
  const [form = ''] = readFileSync(`${schemas}/htable-create.sql`, 'utf8').split(';');
  database.exec(form.replace('TABLE htable', 'TABLE allowed'));
  database.exec('BEGIN');
  database.exec("INSERT INTO version (table_name, table_version) VALUES ('allowed', 2)");
  const addUser = database.prepare("INSERT INTO subscriber (username, domain, password, ha1, ha1b) VALUES (?, ?, ?, '', '')");
  for (let i = 0; i < users; i++) addUser.run(`u${i}`, domain, `pw-u${i}`);
  const allow = database.prepare(
    'INSERT INTO allowed (id, key_name, key_type, value_type, key_value, expires) VALUES (?, ?, 0, 0, ?, 0)',
  );
  allow.run(1, partner.domain, partner.address);
  for (let i = 0; i < domains; i++) allow.run(i + 2, `d${i}.example`, '127.0.0.9:5061');
  database.exec('COMMIT');
  database.close();
}
