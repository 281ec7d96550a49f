/** A list that comes a page at a time. */

export interface Page<T> {
  documents: T[];
  next: string | null;
}

/** The first `count` pages as one; fewer where the list ends before. */
export async function firstPages<T>(count: number, page: (after: string) => Promise<Page<T>>): Promise<Page<T>> {
  let found = await page("");
  for (let read = 1; read < count && found.next !== null; read++) {
    const following = await page(found.next);
    found = { documents: [...found.documents, ...following.documents], next: following.next };
  }
  return found;
}
