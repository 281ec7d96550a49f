import { html, nothing, type TemplateResult } from "lit/html.js";
import type { Turn } from "./api.js";
import { fill, type Words } from "./words.js";

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** How the last turn went: what was understood, who answered, and how long each stage took. */
export function turnOf(turn: Turn | null, talk: Words): TemplateResult {
  if (!turn) return html`<p class="soft">${talk.noTurn}</p>`;
  const line = (label: string, value: unknown) => (value ? html`<dt>${label}</dt><dd>${value}</dd>` : nothing);
  const most = Math.max(...turn.stages.map(([, took]) => took), 0.001);
  return html`<dl>
      ${line(talk.language, turn.language)}
      ${line(talk.intents, turn.intents.length && turn.intents.slice(0, 3).map(([name, score]) => html`<div>${name} <span class="soft">${percent(score)}</span></div>`))}
      ${line(talk.entities, turn.entities.join(", "))}
      ${line(talk.answeredBy, turn.responder && html`${turn.responder}${turn.answered === false ? html` <span class="soft">(${talk.unanswered})</span>` : nothing}`)}
      ${line(talk.confidence, turn.confidence === null ? "" : percent(turn.confidence))}
      ${line(talk.passages, turn.passages.length && fill(talk.found, turn.passages.length, Math.max(...turn.passages.map(([, , score]) => score)).toFixed(2)))}
      ${line(talk.scores, Object.entries(turn.scores).map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`).join(", "))}
      ${line(talk.refused, turn.refused)}
      ${line(talk.held, turn.held)}
      ${line(talk.handoff, turn.handoff?.reason)}
      ${line(talk.flags, turn.flags.join(", "))}
    </dl>
    <h3>${talk.stages}</h3>
    <ul class="stages">
      ${turn.stages.map(([name, took]) => html`<li><span>${name}</span><meter min="0" max=${most} value=${took} aria-hidden="true"></meter><span class="figure">${took.toFixed(1)} ms</span></li>`)}
    </ul>`;
}
