import type { Contact, Conversation } from "./protocol.js";
import type { Words } from "./words.js";

const ADDRESS = /@|^\+?[\d ()-]{5,}$/;

/** What the customer is called: by name, else by an address that people can read, else as a visitor with a short mark. */
export function nameOf(contact: Contact | undefined, conversation: Pick<Conversation, "address"> | undefined, talk: Words): string {
  const address = conversation?.address ?? "";
  const known = contact?.name || contact?.email || contact?.phone || (ADDRESS.test(address) ? address : "");
  if (known) return known;
  return address ? talk.visitor(address.slice(-4).toLocaleUpperCase()) : talk.nobody;
}
