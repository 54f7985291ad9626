/** What a part leaves behind: one JSON file for programs, and a table for people. */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Figure } from './figures.ts';

export interface Machine {
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Median time of an fsync of 4 kB on the disk of the temporary folder, ms. */
  readonly fsyncMs: number;
}

export interface PartResult {
  readonly part: string;
  readonly title: string;
  /** Replays the measurement. */
  readonly command: string;
  readonly runs: number;
  readonly quick: boolean;
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

/** A figure in a result file: all five fields, null where there is nothing. */
export interface WrittenFigure {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  readonly goal: string | null;
  readonly met: boolean | null;
}

const written = ({ name, value, unit, goal, met }: Figure): WrittenFigure => ({
  name,
  value: Number.isFinite(value) ? value : null,
  unit,
  goal: goal ?? null,
  met: met ?? null,
});

/** The text of a result file. */
export const resultJson = (result: PartResult): string =>
  `${JSON.stringify({ ...result, figures: result.figures.map(written) }, null, 2)}\n`;

const mark = (met: boolean | null | undefined): string => (met === undefined || met === null ? '' : met ? 'yes' : '**no**');
const valueText = (value: number | null): string => (value === null || Number.isNaN(value) ? 'not measured' : String(value));

/** A Markdown table of figures. */
export function markdownTable(figures: ReadonlyArray<Figure | WrittenFigure>): string {
  const rows = figures.map(
    ({ name, value, unit, goal, met }) => `| ${name} | ${valueText(value)} | ${unit} | ${goal ?? ''} | ${mark(met)} |`,
  );
  return ['| figure | value | unit | goal | met |', '| --- | ---: | --- | --- | --- |', ...rows].join('\n');
}

interface WrittenResult extends Omit<PartResult, 'figures'> {
  readonly figures: readonly WrittenFigure[];
}

/** The page of all results. */
export function resultsPage(results: readonly WrittenResult[]): string {
  const sections = results.map(({ title, command, runs, quick, measuredAt, machine, figures }) => {
    const { processor, cores, memoryGb, node, kernel, fsyncMs } = machine;
    return [
      `## ${title}`,
      '',
      `\`${command}\`, ${measuredAt.slice(0, 10)}, ${quick ? 'a quick run, not for publication' : `medians of ${runs} runs`}.`,
      `${processor}, ${cores} cores, ${memoryGb} GB, Linux ${kernel}, Node ${node}, fsync ${fsyncMs} ms.`,
      '',
      markdownTable(figures),
    ].join('\n');
  });
  const head = [
    '# Benchmark results',
    '',
    'Written by `npm run bench`; every part has its figures also as JSON beside this page. All processes and the load',
    'generator share one machine. Latency is counted from the moment a call was due, so that waiting is never hidden.',
  ].join('\n');
  return `${[head, ...sections].join('\n\n')}\n`;
}

/** Writes the file of one part and the page of all parts measured so far, in the order of `parts`. */
export async function writeResult(folder: string, result: PartResult, parts: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${result.part}.json`), resultJson(result));
  const files = new Set(await readdir(folder));
  const all: WrittenResult[] = [];
  for (const part of parts) {
    const file = `${part}.json`;
    if (files.has(file)) all.push(JSON.parse(await readFile(path.join(folder, file), 'utf8')) as WrittenResult);
  }
  await writeFile(path.join(folder, 'README.md'), resultsPage(all));
}
