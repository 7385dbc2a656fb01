import { failure } from '../base/failure.ts';
import { randomToken } from '../base/random.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type LabOrganisation, labOrganisations } from './deployment-plan.ts';
import type { LabFolder } from './lab-folder.ts';

/** The PostgreSQL database in which both organisations of a lab keep their state, each in a schema of its own. */
export interface LabStore {
  /** Without the password. */
  readonly url: string;
  readonly password?: string;
  /** Tells the schemas of this lab from those of others in the same database. */
  readonly id: string;
}

/**
 * The database for a lab, or nothing where it keeps its state in its folder. Fails with LAB_STORE_CHANGED when the folder was made with the
 * other kind: what the folder says was set up would not be there.
 */
export function openLabStore(url: string | undefined, folder: LabFolder): Result<LabStore | undefined> {
  const { storeId, provisioned } = folder.state;
  if (provisioned.length > 0 && (storeId === undefined) !== (url === undefined)) {
    const before = storeId === undefined ? 'in files of its own' : 'in PostgreSQL';
    return err(failure('LAB_STORE_CHANGED', { folder: folder.path, before }));
  }
  if (url === undefined) return ok(undefined);
  const id = storeId ?? randomToken(4);
  folder.update({ storeId: id });
  return ok({ ...withoutPassword(url), id });
}

/** Takes the password out of an address, wherever it stands in it. */
export function withoutPassword(url: string): { readonly url: string; readonly password?: string } {
  const [, before, password, after] = /^([^:]+:\/\/[^:@/?#]*):([^@/?#]*)@(.*)$/.exec(url) ?? [];
  if (password !== undefined) return { url: `${before}@${after}`, password: decoded(password) };
  const [, head, parameter, tail] = /^(.*[?&])password=([^&#]*)&?(.*)$/.exec(url) ?? [];
  if (parameter === undefined) return { url };
  return { url: `${head}${tail}`.replace(/[?&]$/, ''), password: decoded(parameter) };
}

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The schema of an organisation. */
export function schemaOf({ id }: LabStore, { name }: LabOrganisation): string {
  return `lab_${id}_${name}`;
}

/** Removes everything the lab kept in the database. Fails with POSTGRES_REFUSED or STORE_UNAVAILABLE. */
export async function removeLabStore(store: LabStore): Promise<Result<void>> {
  const { dropPostgresStore } = await import('../store/postgres/postgres-store.ts');
  const { url, password } = store;
  for (const organisation of labOrganisations) {
    const schema = schemaOf(store, organisation);
    const dropped = await dropPostgresStore({ url, schema, ...(password === undefined ? {} : { password }) });
    if (!dropped.ok) return dropped;
  }
  return ok(undefined);
}
