import type { BoardView } from './board-view.ts';
import { hallClock } from './hall-clock.ts';
import { textParameter, type TemplateInput } from './template.ts';
import { bilingual } from './window-facts.ts';

/** What every board has: the hall's name with the area, date and clock. */
export function boardFrame({ content, tables, hallMs }: TemplateInput): BoardView {
  const hall = bilingual(tables.names.hall);
  const area = textParameter(content, 'area');
  return {
    kind: 'neutral',
    title: area === undefined ? hall : { zh: `${hall.zh} ${area}`, en: `${hall.en} ${area}` },
    ...hallClock(hallMs, tables.calendar.zone),
    rows: [],
    recentCalls: [],
    queues: [],
    openingHours: [],
  };
}
