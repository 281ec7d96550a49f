import { html, nothing, type TemplateResult } from "lit";
import type { Desk } from "./desk.js";
import type { Choices } from "./keep.js";
import { nameOf } from "./names.js";
import type { Wanted } from "./views.js";
import type { Words } from "./words.js";

interface With {
  desk: Desk;
  talk: Words;
  language: string;
  choices: Choices;
  wanted: Wanted;
  shown: string;
  /** The task that the sheet `task` shows; "" for a new one. */
  task: string;
}

/** The dialog of that name over the page; nothing where none is open. */
export function sheetOf(name: string, { desk, talk, language, choices, wanted, shown, task }: With): TemplateResult | typeof nothing {
  switch (name) {
    case "keys":
      return html`<hookline-console-keys .desk=${desk} .talk=${talk} .language=${language}></hookline-console-keys>`;
    case "settings":
      return html`<hookline-console-settings .desk=${desk} .talk=${talk} .language=${language} .choices=${choices}></hookline-console-settings>`;
    case "notices":
      return html`<hookline-console-notices .desk=${desk} .talk=${talk} .language=${language}></hookline-console-notices>`;
    case "search":
      return html`<hookline-console-search .desk=${desk} .talk=${talk} .language=${language}></hookline-console-search>`;
    case "filter":
      return html`<hookline-console-filter .desk=${desk} .talk=${talk} .language=${language} .wanted=${wanted}></hookline-console-filter>`;
    case "transfer":
      return html`<hookline-console-transfer .desk=${desk} .talk=${talk} .language=${language} .of=${shown}></hookline-console-transfer>`;
    case "snooze":
      return html`<hookline-console-snooze .desk=${desk} .talk=${talk} .language=${language} .of=${shown}></hookline-console-snooze>`;
    case "return":
      return html`<hookline-console-return .desk=${desk} .talk=${talk} .language=${language} .of=${shown}></hookline-console-return>`;
    case "macros":
      return html`<hookline-console-macros .desk=${desk} .talk=${talk} .language=${language} .of=${shown}></hookline-console-macros>`;
    case "canned":
      return html`<hookline-console-canned .desk=${desk} .talk=${talk} .language=${language} .of=${shown}></hookline-console-canned>`;
    case "task":
      return html`<hookline-console-task .desk=${desk} .talk=${talk} .language=${language} .of=${shown} .task=${task}></hookline-console-task>`;
    case "merge": {
      const { contact, conversation } = desk.current?.thread ?? {};
      if (!contact) return nothing;
      const named = { id: contact.id, name: nameOf(contact, conversation, talk) };
      return html`<hookline-console-merge .desk=${desk} .talk=${talk} .language=${language} .contact=${named}></hookline-console-merge>`;
    }
    default:
      return nothing;
  }
}
