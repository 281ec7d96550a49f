/** What every page shows of a message. */

/** Where a part of a message comes from. */
export interface Citation {
  document: string;
  version: number;
  /** Offsets in Unicode code points into the document's text, [start, end). */
  start: number;
  end: number;
  text: string;
  title: string;
  url: string;
  source: string;
}

/** A file sent with a message. */
export interface Attachment {
  url: string;
  media_type: string;
  name: string;
}
