import type { Store } from './store.ts';
import { type OperationName, operationNames, type StoreOperations } from './store-operations.ts';

/** Carries out one operation of a store; reads reject and writes answer a result, as the port says of each. */
export type StoreCall = (name: OperationName, args: readonly unknown[]) => Promise<unknown>;

/** All operations of a store, each carried out by `call`. */
export function storeFacade(call: StoreCall): StoreOperations {
  const methods = operationNames.map(name => [name, (...args: readonly unknown[]) => call(name, args)]);
  return Object.fromEntries(methods) as StoreOperations;
}

/** Carries out an operation of a store by its name. */
export function callStore(store: StoreOperations, name: OperationName, args: readonly unknown[]): Promise<unknown> {
  return (store[name] as (...args: readonly unknown[]) => Promise<unknown>)(...args);
}

/** A store around another one: `around` carries out each operation, and the other does where it is absent. */
export function storeAround(store: Store, around: StoreCall = (name, args) => callStore(store, name, args)): Store {
  return { ...storeFacade(around), onHint: listener => store.onHint(listener), close: () => store.close() };
}
