const FOCUSABLE = "a[href], button:not([disabled]), select, textarea, [tabindex='0']";

/** Keep the Tab key inside `root`: after the last element comes the first, and the other way round. */
export function keepFocus(root: ShadowRoot, event: KeyboardEvent): void {
  const all = [...root.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (el) => !el.closest("[inert]") && el.offsetParent !== null,
  );
  const [first, last] = [all[0], all.at(-1)];
  if (root.activeElement !== (event.shiftKey ? first : last)) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}
