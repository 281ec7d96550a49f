import type { Phone, Row } from "./api.js";

export type Device = "reads" | "receives" | "off";

/** What outlives a reload: phones that nobody has written with yet, drafts, what is not sent, how the phones behave. */
export class Store {
  readonly #prefix: string;

  constructor(base: string) {
    this.#prefix = `hookline:${base}:simulator:`;
  }

  get phones(): Phone[] {
    return this.#read<Phone[]>("phones", []);
  }

  set phones(list: readonly Phone[]) {
    this.#write("phones", list.length ? list : null);
  }

  get device(): Device {
    return this.#read<Device>("device", "reads");
  }

  set device(device: Device) {
    this.#write("device", device);
  }

  /** Of the page's words; "" for the browser's own. */
  get language(): string {
    return this.#read<string>("language", "");
  }

  set language(language: string) {
    this.#write("language", language);
  }

  draft = (phone: string): string => this.#read(`draft:${phone}`, "");
  keepDraft = (phone: string, text: string): void => this.#write(`draft:${phone}`, text || null);

  pending = (phone: string): Row[] =>
    this.#read<Row[]>(`pending:${phone}`, []).map((row) => ({ ...row, state: "unsent" }));
  keepPending = (phone: string, rows: readonly Row[]): void => this.#write(`pending:${phone}`, rows.length ? rows : null);

  #read<T>(key: string, otherwise: T): T {
    try {
      return (JSON.parse(localStorage.getItem(this.#prefix + key) ?? "null") as T | null) ?? otherwise;
    } catch {
      return otherwise;
    }
  }

  #write(key: string, value: unknown): void {
    try {
      if (value === null) localStorage.removeItem(this.#prefix + key);
      else localStorage.setItem(this.#prefix + key, JSON.stringify(value));
    } catch {
      // A full or forbidden storage: it lasts as long as the page.
    }
  }
}
