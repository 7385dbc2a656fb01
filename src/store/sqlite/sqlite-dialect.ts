import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { SqliteDialect, type SqliteStatement } from 'kysely';

/** Statements kept ready; the repositories have a few dozen, the rest are lists of unusual length. */
const maxPreparedStatements = 128;

/** Kysely's SQLite dialect on Node's own SQLite. The database is closed by whoever opened it. */
export function sqliteDialect(database: DatabaseSync): SqliteDialect {
  const prepared = new Map<string, SqliteStatement>();
  return new SqliteDialect({
    database: {
      close: () => prepared.clear(),
      prepare: sql => {
        let statement = prepared.get(sql);
        if (!statement) {
          statement = adaptStatement(database.prepare(sql));
          const oldest = prepared.keys().next().value;
          if (prepared.size >= maxPreparedStatements && oldest !== undefined) prepared.delete(oldest);
          // A statement of the schema (create, pragma) may change what others mean; it is run once anyway.
          if (/^\s*(select|insert|update|delete)\b/i.test(sql)) prepared.set(sql, statement);
        }
        return statement;
      },
    },
  });
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: parameters => statement.all(...(parameters as SQLInputValue[])),
    run: parameters => statement.run(...(parameters as SQLInputValue[])),
    iterate: parameters => statement.iterate(...(parameters as SQLInputValue[])),
  };
}
