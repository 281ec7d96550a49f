import { html, nothing, type TemplateResult } from "lit/html.js";
import { repeat } from "lit/directives/repeat.js";
import { relative } from "../../../../web/time.js";
import type { Directory, Phone } from "./api.js";
import { fill, type Words } from "./words.js";

/** A new customer, half typed. */
export interface Adding {
  name: string;
  phone: string;
  number: string;
  wrong: boolean;
}

const EXAMPLES: Record<string, string> = { IN: "+919812345678", SN: "+221771234567", FR: "+33612345678", DE: "+4915112345678", GB: "+447700900123", US: "+12015550123" };
const LETTERS = /\p{L}\p{M}*/gu;

export const key = (phone: Phone): string => `${phone.address}|${phone.number}`;
export const example = (region: string): string => EXAMPLES[region] ?? "+12015550123";

/** As the server knows it; "" for what is no number. */
export function normal(text: string): string {
  const digits = text.replace(/[+()\s.-]/g, "");
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : "";
}

/** A number that nobody has yet: the example's, counted on. */
export function fresh(region: string, known: readonly Phone[]): string {
  const taken = new Set(known.map((one) => one.address));
  let number = BigInt(example(region).slice(1));
  while (taken.has(`+${number}`)) number += 1n;
  return `+${number}`;
}

export interface ListEar {
  choose(phone: Phone): void;
  add(adding: Adding): void;
  type(adding: Adding): void;
  begin(): void;
  cancel(): void;
  /** Show those whose name or number has this in it. */
  want(wanted: string): void;
}

/** The list as the page knows it; `now` is the server's time in seconds. */
export interface List {
  directory: Directory;
  phones: readonly Phone[];
  chosen: string;
  adding: Adding | null;
  wanted: string;
  now: number;
}

const MANY = 10;

/** Those whose name or number has all the words in it. */
export function matching(phones: readonly Phone[], wanted: string): readonly Phone[] {
  const words = wanted.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return words.length ? phones.filter((one) => words.every((word) => `${one.name} ${one.address}`.toLocaleLowerCase().includes(word))) : phones;
}

export function listOf(list: List, talk: Words, language: string, ear: ListEar): TemplateResult {
  const { directory, chosen, adding, wanted, now } = list;
  const phones = matching(list.phones, wanted);
  return html`<div class="top"><div class="head"><h2>${talk.customers}</h2>
      <button class="button" type="button" aria-expanded=${adding !== null} @click=${adding ? ear.cancel : ear.begin}>${adding ? talk.cancel : talk.addCustomer}</button></div>
    ${list.phones.length > MANY
      ? html`<p class="pad"><input type="search" placeholder=${talk.find} aria-label=${talk.find} .value=${wanted} @input=${(e: InputEvent) => ear.want(value(e))} /></p>`
      : nothing}</div>
    ${adding ? form(directory, adding, talk, ear) : nothing}
    ${phones.length
      ? html`<ul>${repeat(phones, key, (one) => html`<li>
          <button type="button" class="phone" aria-current=${key(one) === chosen} @click=${() => ear.choose(one)}>
            <span class="face" aria-hidden="true">${initials(one)}</span>
            <span class="who"><b><bdi>${one.name || one.address}</bdi></b>
              <small>${one.name ? one.address : ""}${several(directory) ? ` → ${numberName(directory, one.number)}` : ""}</small></span>
            ${one.at ? html`<time datetime=${new Date(one.at * 1000).toISOString()}>${relative(one.at, now, language)}</time>` : nothing}
          </button></li>`)}</ul>`
      : wanted
        ? html`<p class="soft pad" role="status">${fill(talk.foundNone, wanted)}</p>`
      : adding
        ? nothing
        : html`<p class="soft pad">${talk.first}</p>`}`;
}

function form(directory: Directory, adding: Adding, talk: Words, ear: ListEar): TemplateResult {
  const hint = example(directory.tenant.region);
  return html`<form class="adding" @submit=${(event: Event) => {
      event.preventDefault();
      ear.add(adding);
    }}>
    <label>${talk.name}<input name="name" autocomplete="off" .value=${adding.name} @input=${(e: InputEvent) => ear.type({ ...adding, name: value(e) })} /></label>
    <label>${talk.phone}<input name="phone" type="tel" autocomplete="off" required .value=${adding.phone} aria-invalid=${adding.wrong} aria-describedby="hint"
      @input=${(e: InputEvent) => ear.type({ ...adding, phone: value(e), wrong: false })} /></label>
    <small id="hint" class=${adding.wrong ? "bad" : "soft"} role=${adding.wrong ? "alert" : nothing}>${fill(adding.wrong ? talk.phoneWrong : talk.phoneHint, hint)}</small>
    ${several(directory)
      ? html`<label>${talk.number}<select @change=${(e: Event) => ear.type({ ...adding, number: (e.target as HTMLSelectElement).value })}>
          ${directory.numbers.map((one) => html`<option value=${one.id} ?selected=${one.id === adding.number}>${one.name}</option>`)}</select></label>`
      : nothing}
    <button class="button primary" type="submit">${talk.add}</button>
  </form>`;
}

const value = (event: InputEvent): string => (event.target as HTMLInputElement).value;
const several = (directory: Directory): boolean => directory.numbers.length > 1;
const numberName = (directory: Directory, id: string): string => directory.numbers.find((one) => one.id === id)?.name ?? id;

/** Two letters for a face: whole ones, with their marks. */
function initials(phone: Phone): string {
  const words = phone.name.split(/\s+/).map((word) => word.match(LETTERS)?.[0] ?? "");
  return words.slice(0, 2).join("").toLocaleUpperCase() || phone.address.slice(-2);
}
