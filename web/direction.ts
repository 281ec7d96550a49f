const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"]);

/** The language of a tag, without region and script. */
export function primary(language: string): string {
  return language.toLowerCase().split(/[-_]/)[0] ?? "en";
}

/** Which way text of that language runs. */
export function direction(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(primary(language)) ? "rtl" : "ltr";
}
