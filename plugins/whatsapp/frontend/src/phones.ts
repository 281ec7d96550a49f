import type { Api, Directory, Phone } from "./api.js";
import { key, normal, type Adding } from "./list.js";
import type { Store } from "./store.js";

/** The phones: those that the server knows of, and those that nobody has written with yet. */
export class Phones {
  directory: Directory = { phones: [], numbers: [], tenant: { title: "", languages: [], region: "" }, staff: false };
  #local: readonly Phone[];

  constructor(
    readonly api: Api,
    readonly store: Store,
  ) {
    this.#local = store.phones;
  }

  /** All of them, new ones first, then those with the latest message. */
  get all(): readonly Phone[] {
    const known = new Set(this.directory.phones.map(key));
    const mine = new Map(this.#local.map((one) => [key(one), one.name]));
    const listed = this.directory.phones.map((one) => ({ ...one, name: one.name || mine.get(key(one)) || "" }));
    return [...this.#local.filter((one) => !known.has(key(one))), ...listed];
  }

  find(wanted: string): Phone | null {
    return this.all.find((one) => key(one) === wanted) ?? null;
  }

  async load(): Promise<void> {
    this.directory = await this.api.directory();
  }

  /** Something has happened on a phone at the time `at`: the latest stands first, and who does already need not be asked for. */
  async stirred(address: string, at: number): Promise<void> {
    const [first, ...others] = this.directory.phones;
    if (first?.address === address) this.directory = { ...this.directory, phones: [{ ...first, at }, ...others] };
    else await this.load();
  }

  /** The new phone, or the one that is there already; null where the number is none. */
  add(adding: Adding): Phone | null {
    const address = normal(adding.phone);
    if (!address) return null;
    const made: Phone = { address, number: adding.number, name: adding.name.trim(), at: 0 };
    const found = this.find(key(made));
    if (found) return found;
    this.#local = [made, ...this.#local];
    this.store.phones = this.#local;
    return made;
  }
}
