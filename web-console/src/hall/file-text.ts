/** The text of a CSV file: UTF-8, or GB18030 as spreadsheets on Chinese systems write it. */
export function fileText(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}
