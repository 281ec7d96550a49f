import { html, nothing, type TemplateResult } from "lit/html.js";
import { parse, type Block, type Inline } from "./markdown.js";
import type { Citation } from "./message.js";

/** How the marks of a message reach their sources. */
export interface Sources {
  list: readonly Citation[];
  /** The addresses that open them, "" where there is none. */
  links: readonly string[];
  label(number: number): string;
}

/** A message's text as templates: only text nodes and a handful of elements, never HTML from the text. */
export function rich(text: string, sources: Sources): TemplateResult[] {
  return parse(text, sources.list.length).map((block) => renderBlock(block, sources));
}

function renderBlock(block: Block, sources: Sources): TemplateResult {
  switch (block.kind) {
    case "paragraph":
      return html`<p>${many(block.children, sources)}</p>`;
    case "heading":
      return html`<p class="heading">${many(block.children, sources)}</p>`;
    case "code":
      return html`<pre dir="ltr" tabindex="0"><code>${block.text}</code></pre>`;
    case "list": {
      const items = block.items.map((item) => html`<li>${many(item, sources)}</li>`);
      return block.ordered ? html`<ol start=${block.start}>${items}</ol>` : html`<ul>${items}</ul>`;
    }
  }
}

function many(nodes: readonly Inline[], sources: Sources): unknown[] {
  return nodes.map((node) => renderInline(node, sources));
}

function renderInline(node: Inline, sources: Sources): unknown {
  switch (node.kind) {
    case "text":
      return node.text;
    case "break":
      return html`<br />`;
    case "code":
      return html`<code>${node.text}</code>`;
    case "strong":
      return html`<strong>${many(node.children, sources)}</strong>`;
    case "em":
      return html`<em>${many(node.children, sources)}</em>`;
    case "link":
      return html`<a href=${node.href} target="_blank" rel="noopener noreferrer">${many(node.children, sources)}</a>${
        node.host ? html`<span class="host"> (${node.host})</span>` : nothing
      }`;
    case "cite":
      return cite(node.number, sources);
  }
}

function cite(number: number, sources: Sources): unknown {
  const citation = sources.list[number - 1];
  if (!citation) return `[${number}]`;
  const href = sources.links[number - 1];
  const label = `${sources.label(number)}: ${citation.title || citation.source || citation.document}`;
  return href
    ? html`<sup><a class="cite" data-cite=${number} href=${href} target="_blank" rel="noopener" aria-label=${label}>${number}</a></sup>`
    : html`<sup><button class="cite" data-cite=${number} type="button" aria-label=${label}>${number}</button></sup>`;
}
