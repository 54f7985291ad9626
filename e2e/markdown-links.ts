import { existsSync } from 'node:fs';
import path from 'node:path';
import { readText, root } from './architecture/repository.ts';

const withoutCode = (markdown: string): string => markdown.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, 'code');

/** The anchors of a Markdown text, as code hosts make them from its headings. */
export function anchorsOf(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>();
  for (const [, heading = ''] of markdown.replace(/```[\s\S]*?```/g, '').matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading.replace(/`/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

/** Every link and picture of a Markdown text that does not point to the web. */
export const localLinksOf = (markdown: string): string[] =>
  [...withoutCode(markdown).matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)]
    .flatMap(([, target]) => (target ? [target] : []))
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));

/** The links of one Markdown file that lead nowhere, in words; empty is good. `file` is relative to the repository. */
export function brokenLinks(file: string, markdown: string): string[] {
  return localLinksOf(markdown).flatMap((link) => {
    const [target = '', anchor] = link.split('#', 2);
    const found = target === '' ? file : path.posix.join(path.posix.dirname(file), decodeURIComponent(target));
    if (found.startsWith('..')) return [`${file}: ${link} leaves the repository`];
    if (target !== '' && !existsSync(path.join(root, found))) return [`${file}: ${link} is not there`];
    if (anchor === undefined || !found.endsWith('.md')) return [];
    const anchors = anchorsOf(target === '' ? markdown : readText(found));
    return anchors.has(decodeURIComponent(anchor)) ? [] : [`${file}: ${link} has no such heading`];
  });
}
