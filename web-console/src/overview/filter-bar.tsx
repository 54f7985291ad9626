import { windowStates, type WindowState, type WindowView } from '@hall/contracts';
import { Checkbox, Input, Segmented, Select } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { areasOf, type WindowFilter } from './filter.ts';

interface FilterBarProps {
  readonly windows: readonly WindowView[];
  readonly filter: WindowFilter;
  readonly onFilter: (filter: WindowFilter) => void;
  readonly compact: boolean;
  readonly onCompact: (compact: boolean) => void;
  readonly shown: number;
}

/** Area, state, abnormal only, search; and how much of the hall is shown. */
export function FilterBar({ windows, filter, onFilter, compact, onCompact, shown }: FilterBarProps) {
  const words = useWords();
  const t = words.overview;
  const set = (change: Partial<WindowFilter>) => onFilter({ ...filter, ...change });
  const areas = areasOf(windows);
  return (
    <div className="filters" role="search">
      <Input.Search
        className="filter-search"
        allowClear
        aria-label={t.searchWindows}
        placeholder={t.searchWindows}
        value={filter.search}
        onChange={(event) => set({ search: event.target.value })}
      />
      {areas.length > 1 && (
        <Select
          aria-label={t.area}
          className="filter-select"
          value={filter.area}
          onChange={(area: string) => set({ area })}
          options={[{ value: '', label: t.anyArea }, ...areas.map((area) => ({ value: area, label: area }))]}
        />
      )}
      <Select
        aria-label={t.state}
        className="filter-select"
        value={filter.state}
        onChange={(state: WindowState | '') => set({ state })}
        options={[
          { value: '' as const, label: t.anyState },
          ...windowStates.map((state) => ({ value: state, label: words.state[state] })),
        ]}
      />
      <Checkbox checked={filter.abnormal} onChange={(event) => set({ abnormal: event.target.checked })}>
        {t.onlyAbnormal}
      </Checkbox>
      <span className="quiet filter-count" role="status">
        {t.shown(shown, windows.length)}
      </span>
      <Segmented
        aria-label={t.layout}
        value={compact ? 'compact' : 'pictures'}
        onChange={(value) => onCompact(value === 'compact')}
        options={[
          { value: 'pictures', label: t.pictures },
          { value: 'compact', label: t.compact },
        ]}
      />
    </div>
  );
}
