import { expect, test } from 'vitest';
import { filesUnder, readText } from './architecture/repository.ts';
import { anchorsOf, brokenLinks, localLinksOf } from './markdown-links.ts';

test.each(filesUnder('.', '.md'))('every link in %s leads somewhere', (file) => {
  expect(brokenLinks(file, readText(file))).toEqual([]);
});

test('a broken link is found', () => {
  const markdown = [
    '# Here',
    '[good](architecture.md) [good](#here) ![good](../README.md "title") [web](https://example.org/x)',
    '`[code](not-there.md)`',
    '[a](not-there.md) [b](#nowhere) [c](architecture.md#nowhere) [d](../../outside.md)',
  ].join('\n');
  expect(brokenLinks('docs/x.md', markdown)).toEqual([
    'docs/x.md: not-there.md is not there',
    'docs/x.md: #nowhere has no such heading',
    'docs/x.md: architecture.md#nowhere has no such heading',
    'docs/x.md: ../../outside.md leaves the repository',
  ]);
});

test('anchors are made as code hosts make them', () => {
  expect([...anchorsOf('# The way of `one` call\n## 安装 / Install\n## Same\n## Same\n```\n# no\n```')]).toEqual([
    'the-way-of-one-call',
    '安装--install',
    'same',
    'same-1',
  ]);
  expect(localLinksOf('[a](mailto:x@example.org) [b](c.md)')).toEqual(['c.md']);
});
