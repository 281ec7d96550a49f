import { Refused, type Problem } from "../../../web/request.js";
import { ask, signed } from "../../../web/session.js";

export type Label = string | Record<string, string>;
export type Value = string | number | boolean | null | unknown[] | object;

export interface Field {
  name: string;
  kind: "text" | "integer" | "number" | "money" | "day" | "moment" | "flag" | "choice" | "phone" | "email" | "texts" | "data";
  label: Label;
  help: Label;
  required: boolean;
  editable: boolean;
  filter: boolean;
  listed: boolean;
  sorts: boolean;
  link: string;
  default: Value;
  most?: number | string | null;
  least?: number | string | null;
  lines?: boolean;
  hint?: string;
  places?: number;
  unit?: string;
  currency?: string;
  choices?: { value: string; label: Label }[];
}

export interface Kind {
  plugin: string;
  name: string;
  title: Label;
  key: string;
  sort: string;
  may: ("view" | "create" | "edit" | "remove")[];
  fields: Field[];
}

/** A record: its fields by name, and these. */
export interface Row {
  id: string;
  version: number;
  created_at: string;
  updated_at: string;
  [field: string]: Value;
}

export interface Page {
  total: number;
  records: Row[];
}

export interface Mistake {
  line: number;
  column: number;
  field: string;
  detail: string;
}

export interface Report {
  dry_run: boolean;
  lines: number;
  created: number;
  changed: number;
  unchanged: number;
  wrong: number;
  stored: boolean;
  mistakes: Mistake[];
}

/** What a refusal says of single fields, and the record as somebody else has left it. */
export interface Fault extends Problem {
  errors?: { field: string; detail: string }[];
  current?: Row;
}

/** The requests of the page. */
export class Api {
  constructor(readonly base: string) {}

  kinds = () => ask<{ types: Kind[]; number_style: string }>(this.base, "GET", "/api/v1/records");
  page = (kind: Kind, query: URLSearchParams) => ask<Page>(this.base, "GET", `${path(kind)}?${query}`);
  get = (kind: Kind, id: string) => ask<Row>(this.base, "GET", `${path(kind)}/${encodeURIComponent(id)}`);
  create = (kind: Kind, body: object) => ask<Row>(this.base, "POST", path(kind), body);
  change = (kind: Kind, row: Row, body: object) =>
    ask<Row>(this.base, "PATCH", `${path(kind)}/${encodeURIComponent(row.id)}`, { ...body, version: row.version });
  remove = (kind: Kind, row: Row) =>
    ask<unknown>(this.base, "DELETE", `${path(kind)}/${encodeURIComponent(row.id)}?version=${row.version}`);
  exported = (kind: Kind, query: URLSearchParams) => `${this.base}${path(kind)}/export?${query}`;

  /** Take a file in; a report also where lines have mistakes. */
  async take(kind: Kind, file: File, options: { dry_run?: boolean; skip?: boolean }): Promise<Report> {
    const query = new URLSearchParams(Object.entries(options).map(([name, on]) => [name, on ? "1" : "0"]));
    const init = { method: "POST", headers: { "Content-Type": "text/csv" }, body: file };
    const answer = await signed(this.base, `${path(kind)}/import?${query}`, init);
    const told: unknown = await answer.json().catch(() => null);
    if (told && typeof told === "object" && "mistakes" in told) return told as Report;
    throw new Refused((told as Problem | null) ?? { title: `HTTP ${answer.status}` }, answer.status);
  }
}

function path(kind: Kind): string {
  return `/api/v1/records/${encodeURIComponent(kind.plugin)}/${encodeURIComponent(kind.name)}`;
}

/** The text in that language, else in English, else in any. */
export function said(label: Label, language: string): string {
  return typeof label === "string" ? label : (label[language] ?? label["en"] ?? Object.values(label)[0] ?? "");
}

/** A value as the list shows it. */
export function shown(field: Field, value: Value | undefined, language: string, yes: string, no: string): string {
  if (value === null || value === undefined || value === "") return "";
  switch (field.kind) {
    case "money":
      return figures(value, language, { style: "currency", currency: field.currency ?? "XXX", minimumFractionDigits: 0, maximumFractionDigits: field.places ?? 2 });
    case "number":
    case "integer":
      return figures(value, language, { maximumFractionDigits: field.places ?? 0 }) + (field.unit ? ` ${field.unit}` : "");
    case "day":
      return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${String(value)}T00:00Z`));
    case "moment":
      return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(String(value)));
    case "flag":
      return value ? yes : no;
    case "choice":
      return said(field.choices?.find((one) => one.value === value)?.label ?? String(value), language);
    case "texts":
      return (value as string[]).join(" · ");
    case "data":
      return JSON.stringify(value);
    default:
      return String(value);
  }
}

/** Exact, however many digits: a text of figures is formatted as it stands. */
function figures(value: Value, language: string, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(language, options).format(value as Intl.StringNumericLiteral);
}
