import { faultTable, type FaultRow } from '../../proof/src/faults/table.ts';

/** Of a promise, as `proof/results` keeps it. */
export interface KeptResult {
  readonly id: string;
  readonly pass: boolean;
  readonly measured: string;
  readonly seed: number;
  readonly measuredAt: string;
}

/** `docs/faults.md`: what can go wrong, what must come of it, and what showed that it does. `results`: by area. */
export function faultsPage(results: ReadonlyMap<string, readonly KeptResult[]>): string {
  const shown = ({ shownBy }: FaultRow): string =>
    shownBy
      .map((one) =>
        'file' in one
          ? `[${one.title.replaceAll('|', '\\|')}](../${one.file})`
          : `promise [\`${one.area}/${one.promise}\`](#${one.area}-${one.promise})`,
      )
      .join('<br>');
  const rows = faultTable.map((row) => {
    const later = row.later ? `<br>${row.later.zh} ${row.later.en}` : '';
    return `| ${row.id} | ${row.zh}<br>${row.en} | ${row.outcome.zh}<br>${row.outcome.en}${later} | ${shown(row)} |`;
  });
  const promises = [
    ...new Map(
      faultTable
        .flatMap(({ shownBy }) => shownBy)
        .flatMap((one) => ('promise' in one ? [[`${one.area}/${one.promise}`, one] as const] : [])),
    ).values(),
  ];
  const measured = promises.flatMap(({ area, promise }) => {
    const result = results.get(area)?.find(({ id }) => id === promise);
    return [
      `### ${area}-${promise}`,
      '',
      `\`npm run proof -- ${area} --only ${promise}${result ? ` --seed ${result.seed}` : ''}\``,
      '',
      result
        ? `${result.pass ? '通过 kept' : '**未通过 not kept**'}, ${result.measuredAt.slice(0, 10)}: ${result.measured}`
        : '尚未测量 Not measured yet.',
      '',
    ];
  });
  return [
    '# Faults 故障表',
    '',
    'Generated from `proof/src/faults/table.ts` and `proof/results` by `node scripts/docs.mjs`; do not edit. Every test named here is',
    'part of `npm test`; `npm run proof -- fleet --only fault-table` runs them alone.',
    '',
    '| id | 故障 fault | 预期结果 expected outcome | 证明 shown by |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## 实测 Measured',
    '',
    ...measured,
  ].join('\n');
}
