import { businessDay, localTime } from '@hall/model';
import type { BoardView } from './board-view.ts';
import { textParameter, type TemplateInput } from './template.ts';
import { bilingual } from './window-facts.ts';

/** A board that says nothing yet, with what every board has: the hall's name with the area, date and clock. */
export function boardFrame({ content, tables, hallMs }: TemplateInput): BoardView {
  const hall = bilingual(tables.names.hall);
  const area = textParameter(content, 'area');
  return {
    kind: 'blank',
    title: area === undefined ? hall : { zh: `${hall.zh} ${area}`, en: `${hall.en} ${area}` },
    clock: localTime(tables.calendar.zone, hallMs),
    date: businessDay(tables.calendar.zone, hallMs),
    rows: [],
    recentCalls: [],
    queues: [],
    openingHours: [],
  };
}
