/** A page with the section between its marks made anew: `<!-- name -->` and `<!-- /name -->`. @throws Error if it has no marks. */
export function withSection(page: string, name: string, section: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`no ${start} … ${end}`);
  return `${before}${start}\n\n${section}\n\n${end}${after}`;
}
