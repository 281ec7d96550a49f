/** What the languages' words share: names are looked up, and what has none is shown as it is. */

const CHANNELS: Record<string, string> = { webchat: "", whatsapp: "WhatsApp", sms: "SMS", email: "", voice: "", messenger: "Messenger", telegram: "Telegram" };

/** A look-up in `table`; a name without words is shown with spaces for its marks. */
export const named =
  (table: Record<string, string>) =>
  (name: string): string =>
    table[name] ?? plain(name);

export function channelNames(own: Record<string, string>): (name: string) => string {
  return (name) => own[name] || CHANNELS[name] || plain(name);
}

/** A reason as a rule says it: `frustration: cancel`; the rule has words, what it fired on is shown as it is. */
export function reasons(table: Record<string, string>): (reason: string) => string {
  return (reason) => {
    const [, rule = reason, on = ""] = /^([\w ]+?)(?:: ?(.*))?$/s.exec(reason) ?? [];
    return on ? `${table[rule] ?? plain(rule)}: ${on}` : (table[rule] ?? (rule === reason ? plain(reason) : reason));
  };
}

function plain(name: string): string {
  return /^[a-z0-9_-]+$/.test(name) ? name.replace(/[_-]+/g, " ") : name;
}
