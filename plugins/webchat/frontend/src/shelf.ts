/** A recording that the server does not have yet. */
export interface Kept {
  id: string;
  sound: ArrayBuffer;
  type: string;
  seconds: number;
  /** Epoch seconds. */
  at: number;
}

/** Where recordings outlive a reload until they are sent. */
export interface Shelf {
  all(): Promise<Kept[]>;
  put(kept: Kept): Promise<unknown>;
  drop(id: string): Promise<unknown>;
}

const STORE = "recordings";

/** The browser's own database; where that may not be used, what was spoken lasts as long as the page. */
export function browserShelf(base: string): Shelf {
  let opened: Promise<IDBDatabase> | undefined;
  const open = () =>
    (opened ??= new Promise((done, fail) => {
      const asked = indexedDB.open(`hookline:${base}`, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
      asked.onsuccess = () => done(asked.result);
      asked.onerror = asked.onblocked = () => fail(asked.error);
    }));
  const act = async <T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> => {
    try {
      const store = (await open()).transaction(STORE, mode).objectStore(STORE);
      return await new Promise<T>((done, fail) => {
        const asked = ask(store);
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => fail(asked.error);
      });
    } catch {
      return undefined; // full or forbidden
    }
  };
  return {
    all: async () => (await act<Kept[]>("readonly", (store) => store.getAll())) ?? [],
    put: (kept) => act("readwrite", (store) => store.put(kept)),
    drop: (id) => act("readwrite", (store) => store.delete(id)),
  };
}
