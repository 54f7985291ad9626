import type { HallCalendar, HallContent } from '@hall/contracts';
import { Button, Form, Input, InputNumber, Select } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import {
  holidaysText,
  makeUpDaysText,
  parseHolidays,
  parseMakeUpDays,
  parseShifts,
  parseWindowHours,
  shiftsText,
  windowHoursText,
  type Parsed,
} from './calendar-text.ts';
import { useSave } from './use-content.ts';

interface Entry {
  zone: string;
  week: string[];
  tailMinutes: number;
  lunchWindows: string[];
  holidays: string;
  makeUpDays: string;
  windowHours: string;
}

const valueOf = <T,>(parsed: Parsed<T>, otherwise: T): T => ('value' in parsed ? parsed.value : otherwise);
const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone !== '';
  } catch {
    return false;
  }
};

/** The hall calendar: one object that screens, queues and the working-day clock follow. */
export function CalendarForm({ content, mayEdit }: { content: HallContent; mayEdit: boolean }) {
  const words = useWords();
  const t = words.calendar;
  const save = useSave();
  const { calendar } = content;
  const windows = new Set(content.windows.map(({ id }) => id));
  const initial: Entry = {
    zone: calendar.zone,
    week: calendar.week.map(shiftsText),
    tailMinutes: calendar.tailMinutes,
    lunchWindows: calendar.lunchWindows,
    holidays: holidaysText(calendar.holidays),
    makeUpDays: makeUpDaysText(calendar.makeUpDays, t.days),
    windowHours: windowHoursText(calendar.windowHours, t.days),
  };
  const submit = (entry: Entry) => {
    const next: HallCalendar = {
      zone: entry.zone,
      week: entry.week.map((day) => parseShifts(day ?? '') ?? []),
      tailMinutes: entry.tailMinutes,
      lunchWindows: entry.lunchWindows,
      holidays: valueOf(parseHolidays(entry.holidays), []),
      makeUpDays: valueOf(parseMakeUpDays(entry.makeUpDays), []),
      windowHours: valueOf(parseWindowHours(entry.windowHours, windows), []),
    };
    save.mutate((api, etag) => api.putCalendar(next, etag));
  };
  const hours = {
    validator: (_: unknown, text: string) =>
      parseShifts(text ?? '') ? Promise.resolve() : Promise.reject(new Error(t.shiftsWrong)),
  };
  const lines = (parse: (text: string) => Parsed<unknown>, expected: string) => ({
    validator: (_: unknown, text: string) => {
      const parsed = parse(text ?? '');
      return 'value' in parsed ? Promise.resolve() : Promise.reject(new Error(t.lineWrong(parsed.wrongLine, expected)));
    },
  });
  const zone = {
    validator: (_: unknown, text: string) =>
      isZone(text) ? Promise.resolve() : Promise.reject(new Error(words.hall.patternWrong)),
  };
  return (
    <Form<Entry>
      layout="vertical"
      className="room-form"
      disabled={!mayEdit}
      initialValues={initial}
      onFinish={submit}
      scrollToFirstError
    >
      {save.error && <Failure error={save.error} />}
      <fieldset className="group week">
        <legend>{t.week}</legend>
        <p className="help">{t.weekHelp}</p>
        <div className="days">
          {t.days.map((day, index) => (
            <Form.Item key={day} name={['week', index]} label={day} rules={[hours]}>
              <Input placeholder="09:00-12:00, 13:30-17:00" />
            </Form.Item>
          ))}
        </div>
      </fieldset>
      <div className="pair">
        <Form.Item name="zone" label={t.zone} rules={[zone]}>
          <Input spellCheck={false} />
        </Form.Item>
        <Form.Item
          name="tailMinutes"
          label={t.tailMinutes}
          rules={[{ required: true, type: 'integer', min: 0, max: 240, message: words.form.between(0, 240) }]}
        >
          <InputNumber className="wide" />
        </Form.Item>
      </div>
      <Form.Item name="lunchWindows" label={t.lunchWindows}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          options={content.windows.map(({ id, number }) => ({ value: id, label: words.overview.windowNumber(number) }))}
        />
      </Form.Item>
      <Form.Item name="holidays" label={t.holidays} extra={t.holidaysHelp} rules={[lines(parseHolidays, t.holidaysHelp)]}>
        <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} />
      </Form.Item>
      <Form.Item
        name="makeUpDays"
        label={t.makeUpDays}
        extra={t.makeUpDaysHelp}
        rules={[lines(parseMakeUpDays, t.makeUpDaysHelp)]}
      >
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 12 }} />
      </Form.Item>
      <Form.Item
        name="windowHours"
        label={t.windowHours}
        extra={t.windowHoursHelp}
        rules={[lines((text) => parseWindowHours(text, windows), t.windowHoursHelp)]}
      >
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 12 }} />
      </Form.Item>
      {mayEdit && (
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {words.common.save}
        </Button>
      )}
    </Form>
  );
}
