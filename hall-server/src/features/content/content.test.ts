import fc from 'fast-check';
import { type ContentKind, type HallContent, type ImportReply } from '@hall/contracts';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFixture, type Browser, type Fixture } from '../people/fixture.ts';
import { importCsv, toCsv } from './csv.ts';
import { contentRoutes } from './routes.ts';
import { createContentService, type ContentService } from './service.ts';
import { emptyContent } from './store.ts';

const small: HallContent = {
  ...emptyContent,
  departments: [
    { id: 'tax', zh: '税务局', en: 'Tax Bureau', short: '税务' },
    { id: 'market', zh: '市场监管局' },
  ],
  services: [
    { id: 'invoice', zh: '发票代开', department: 'tax', prefix: 'A' },
    { id: 'licence', zh: '营业执照', department: 'market', prefix: 'B' },
  ],
  staff: [{ id: 'zhang', name: '张伟', number: '012', department: 'tax' }],
  windows: [
    { id: 'w01', number: '01', area: 'A区', department: 'tax', services: ['invoice', 'licence'] },
    { id: 'w02', number: '02', department: 'market', services: [] },
  ],
  devices: [
    {
      id: 's01',
      name: '01号窗口屏',
      agent: 'edge-1',
      driver: 'onbon-k',
      settings: { address: 1, url: 'tcp://10.0.0.5:5005' },
      screen: { template: 'window-strip', widthPx: 192, heightPx: 32, window: 'w01' },
      inventory: { place: '01号窗口上方', switch: 'SW-2', serial: 'BX-0001', warrantyUntil: '2028-02-29' },
    },
    { id: 'b01', name: '大屏', agent: 'edge-1', driver: 'kiosk', settings: {} },
  ],
};

const utf8 = (text: string) => Buffer.from(text);
const run = (kind: ContentKind, file: string | Uint8Array) =>
  importCsv(small, kind, typeof file === 'string' ? utf8(file) : file);
/** Two-byte GBK of what the platform can only decode. */
function gbk(text: string): Buffer {
  const bytes = Array.from(text, (character) => {
    if (character < '\u0080') return Buffer.from(character);
    for (let code = 0x8140; code < 0xff00; code += 1) {
      const pair = Buffer.from([code >> 8, code & 0xff]);
      if (new TextDecoder('gb18030').decode(pair) === character) return pair;
    }
    throw new Error(`${character} is not in GBK`);
  });
  return Buffer.concat(bytes);
}
const HEAD = 'id,zh,en,short\n';

describe('CSV', () => {
  test.each(['departments', 'services', 'staff', 'windows', 'devices'] as const)(
    'an export of %s imports as the same',
    (kind) => {
      const { errors, same, added, changed, removed, content } = run(kind, toCsv(small, kind));
      expect(errors).toEqual([]);
      expect({ added, changed, removed, same }).toEqual({ added: 0, changed: 0, removed: 0, same: small[kind].length });
      expect(content).toEqual(small);
    },
  );

  test('names with quotes, commas, formulas and apostrophes come back as they were', () => {
    const name = fc
      .string({
        minLength: 1,
        maxLength: 40,
        unit: fc.constantFrom('=', '+', '-', '@', "'", '"', ',', ';', '，', '＝', ' ', '中', 'a', 'é', '😀'),
      })
      .filter((text) => text.trim() === text);
    fc.assert(
      fc.property(name, (zh) => {
        const content = { ...small, departments: small.departments.map((row) => ({ ...row, zh })) };
        const file = toCsv(content, 'departments');
        expect(importCsv(content, 'departments', utf8(file)).content?.departments[0]?.zh).toBe(zh);
        for (const cell of (parse(file, { bom: true }) as string[][]).flat()) expect(cell).not.toMatch(/^[=+@＝＋－＠-]/);
      }),
    );
  });

  test('an export begins with a BOM, ends lines with CRLF, and disarms formulas', () => {
    const content = { ...small, departments: [{ id: 'x', zh: '=HYPERLINK("http://evil")' }] };
    expect(toCsv(content, 'departments')).toBe(`\ufeffid,zh,en,short\r\nx,"'=HYPERLINK(""http://evil"")",,\r\n`);
  });

  const good = `${HEAD}tax,税务局,Tax Bureau,税务\nmarket,市场监管局,,\n`;
  test.each([
    ['plain UTF-8', utf8(good)],
    ['UTF-8 with BOM', utf8(`\ufeff${good}`)],
    ['GBK', gbk(good)],
    ['CRLF, empty lines and trailing commas', utf8(good.replaceAll('\n', ',,\r\n\r\n'))],
    ['Chinese titles in another order', utf8('简称,编号,名称,英文名称\n税务,tax,税务局,Tax Bureau\n,market,市场监管局,\n')],
    ['quoted cells', utf8('"id","zh","en","short"\n"tax","税务局","Tax Bureau","税务"\n"market","市场监管局","",""\n')],
  ])('%s is read', (_, file) => {
    expect(run('departments', file)).toMatchObject({ errors: [], same: 2, added: 0, changed: 0, removed: 0 });
  });

  test('counts say what would be added, changed, removed and stay', () => {
    const file = 'id,zh,department,prefix\ninvoice,发票代开,tax,A\nlicence,营业执照办理,market,B\npermit,许可,market,C\n';
    expect(run('services', file)).toMatchObject({ errors: [], added: 1, changed: 1, removed: 0, same: 1 });
  });

  test.each<[string, ContentKind, string | Uint8Array, ImportReply['errors'][number]]>([
    [
      'a malformed id',
      'departments',
      `${HEAD}tax,税务局,,\nmarket,市监局,,\nTax Office,x,,\n`,
      { row: 4, field: 'id', value: 'Tax Office', expected: 'a-z, 0-9 and inner hyphens, 1 to 32 characters' },
    ],
    [
      'a missing name',
      'departments',
      `${HEAD}tax,,,\nmarket,市监局,,\n`,
      { row: 2, field: 'zh', value: '', expected: '1 to 40 characters' },
    ],
    [
      'a name that is too long',
      'departments',
      `${HEAD}tax,${'税'.repeat(41)},,\nmarket,m,,\n`,
      { row: 2, field: 'zh', value: '税'.repeat(41), expected: '1 to 40 characters' },
    ],
    [
      'a control character',
      'departments',
      `${HEAD}tax,税\u0007务,,\nmarket,m,,\n`,
      { row: 2, field: 'zh', value: '税\u0007务', expected: '1 to 40 characters' },
    ],
    [
      'a duplicate id',
      'departments',
      `${HEAD}tax,税务局,,\nmarket,m,,\ntax,又一个,,\n`,
      { row: 4, field: 'id', value: 'tax', expected: 'an id that no other row has' },
    ],
    [
      'a wrong reference',
      'services',
      'id,zh,department,prefix\ninvoice,发票,tax,A\nlicence,执照,police,B\n',
      { row: 3, field: 'department', value: 'police', expected: 'the id of a department' },
    ],
    [
      'a wrong reference in a list',
      'windows',
      'id,number,area,department,services\nw01,01,A区,tax,invoice;nothing\nw02,02,,market,\n',
      { row: 2, field: 'services', value: 'nothing', expected: 'the id of a service' },
    ],
    [
      'a row others need',
      'departments',
      `${HEAD}tax,税务局,,\n`,
      { row: 1, field: 'services/licence/department', value: 'market', expected: 'the id of a department' },
    ],
    [
      'a formula',
      'departments',
      `${HEAD}tax,=1+1,,\nmarket,m,,\n`,
      { row: 2, field: 'zh', value: '=1+1', expected: "text, not a formula; put ' before it if it is meant" },
    ],
    [
      'a full-width formula',
      'departments',
      `${HEAD}tax,＝1+1,,\nmarket,m,,\n`,
      { row: 2, field: 'zh', value: '＝1+1', expected: "text, not a formula; put ' before it if it is meant" },
    ],
    [
      'an unknown column',
      'departments',
      'id,zh,colour\ntax,税务局,red\n',
      { row: 1, field: 'colour', value: 'colour', expected: 'one of: id, zh, en, short' },
    ],
    [
      'a missing column',
      'departments',
      'id,en\ntax,Tax\n',
      { row: 1, field: 'zh', value: '', expected: 'this column in the header' },
    ],
    [
      'a column twice',
      'departments',
      'id,zh,名称\ntax,a,b\n',
      { row: 1, field: 'zh', value: 'zh', expected: 'this column once' },
    ],
    [
      'too many cells',
      'departments',
      `${HEAD}tax,税务局,,,more\nmarket,m,,\n`,
      { row: 2, field: '', value: '5', expected: '4 cells, as in the header' },
    ],
    [
      'an open quote',
      'departments',
      `${HEAD}tax,"税务局,,\nmarket,m,,\n`,
      { row: 3, field: '', value: '', expected: 'CSV: a quote inside a cell is doubled, a quoted cell ends with a quote' },
    ],
    ['an empty file', 'departments', '', { row: 1, field: '', value: '', expected: 'a header with the names of the columns' }],
    [
      'bytes that are no text',
      'departments',
      new Uint8Array([0x69, 0xff, 0xff, 0x80]),
      { row: 1, field: '', value: '', expected: 'text in UTF-8 or GBK' },
    ],
    [
      'settings that are no JSON',
      'devices',
      'id,name,agent,driver,settings\ns01,a,e,d,{x\n',
      { row: 2, field: 'settings', value: '{x', expected: 'a JSON object' },
    ],
    [
      'settings that are no object',
      'devices',
      'id,name,agent,driver,settings\ns01,a,e,d,7\n',
      { row: 2, field: 'settings', value: '7', expected: 'a JSON object' },
    ],
    [
      'half a screen',
      'devices',
      'id,name,agent,driver,settings,template,widthPx\ns01,a,e,d,{},window-strip,192\n',
      { row: 2, field: 'heightPx', value: '', expected: 'a whole number of pixels, 8 to 4320' },
    ],
    [
      'a width that is no number',
      'devices',
      'id,name,agent,driver,settings,widthPx\ns01,a,e,d,{},wide\n',
      { row: 2, field: 'widthPx', value: 'wide', expected: 'a whole number of pixels, 16 to 7680' },
    ],
  ])('%s is an error of its cell, and nothing is to change', (_, kind, file, error) => {
    const { errors, content } = run(kind, file);
    expect(errors).toContainEqual(error);
    expect(content).toBeUndefined();
  });

  test('all wrong rows are named at once, in the order of the file', () => {
    const { errors } = run('services', 'id,zh,department,prefix\ninvoice,发票,taxx,A\nlicence,,market,bb\n');
    expect(errors.map(({ row, field }) => [row, field])).toEqual([
      [2, 'department'],
      [3, 'zh'],
      [3, 'prefix'],
    ]);
  });
});

describe('API', () => {
  let hall: Fixture;
  let content: ContentService;
  let manager: Browser;
  beforeEach(async () => {
    hall = await createFixture(async ({ app, db, writer }) => {
      content = createContentService({ db, writer, hall: 'demo' });
      await app.register(contentRoutes, { prefix: '/api/v1/halls/:hall', content });
    });
    manager = await hall.as('manager');
    await content.replace({ by: 'system', address: '' }, small);
  });
  afterEach(() => hall.close());
  const at = (path: string) => `/halls/demo/content${path}`;
  const csv = { 'content-type': 'text/csv' };

  test('the content comes back as it was stored, with its version as ETag', async () => {
    const answer = await manager.ask('GET', at(''));
    expect(answer.json()).toEqual(small);
    expect(answer.headers.etag).toBe('"1"');
    const file = await manager.ask('GET', at('/export'));
    expect(file.json()).toEqual(small);
    expect(file.headers['content-disposition']).toBe('attachment; filename="hall-content-v1.json"');
  });

  test('replacing needs the newest version', async () => {
    const next = { ...small, settings: { ...small.settings, zh: '一号大厅' } };
    expect((await manager.ask('PUT', at(''), next)).json()).toMatchObject({ code: 'INPUT_INVALID' });
    expect((await manager.ask('PUT', at(''), next, { 'if-match': '"0"' })).json()).toMatchObject({
      code: 'CONFLICT',
      expected: '"1"',
    });
    expect((await manager.ask('PUT', at(''), next, { 'if-match': 'nonsense' })).json()).toMatchObject({ field: 'if-match' });
    const good = await manager.ask('PUT', at(''), next, { 'if-match': '"1"' });
    expect([good.statusCode, good.headers.etag]).toEqual([204, '"2"']);
    expect((await manager.ask('GET', at(''))).json()).toEqual(next);
  });

  test('content with a reference to nothing is refused with the place', async () => {
    const next = { ...small, windows: [{ id: 'w01', number: '01', department: 'police', services: [] }] };
    const answer = await manager.ask('PUT', at(''), next, { 'if-match': '"1"' });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'CONTENT_INVALID', field: '/windows/0/department' });
    expect(content.version()).toBe(1);
  });

  test('what is stored already makes no new version', async () => {
    await manager.ask('PUT', at(''), small, { 'if-match': '"1"' });
    expect(content.version()).toBe(1);
  });

  test('every change is a version, a fact and an audit row', async () => {
    await manager.ask('PUT', at('/departments/tax'), { id: 'tax', zh: '税务分局' });
    expect(content.version()).toBe(2);
    const [newest] = (await manager.ask('GET', at('/versions'))).json<{ ver: number; changes: object }[]>();
    expect(newest).toMatchObject({ ver: 2, changes: { departments: { added: [], changed: ['tax'], removed: [] } } });
    const facts = hall.db
      .prepare<[], { id: string; data: string }>(`SELECT id, data FROM facts WHERE type = 'content.changed'`)
      .all();
    expect(facts.map(({ id }) => id)).toEqual(['content-1', 'content-2']);
    expect(JSON.parse(facts[1]?.data ?? '')).toMatchObject({ ver: 2, changes: { departments: { changed: 1 } } });
    expect(hall.db.prepare(`SELECT count(*) AS n FROM audit WHERE action = 'content.change'`).get()).toEqual({ n: 2 });
  });

  test('one row is added, changed and removed; the address and the row must agree', async () => {
    expect(
      (await manager.ask('PUT', at('/windows/w03'), { id: 'w03', number: '03', department: 'tax', services: ['invoice'] }))
        .statusCode,
    ).toBe(204);
    expect(content.load().windows.map(({ id }) => id)).toEqual(['w01', 'w02', 'w03']);
    expect(
      (await manager.ask('PUT', at('/windows/w03'), { id: 'w04', number: '03', department: 'tax', services: [] })).json(),
    ).toMatchObject({ code: 'INPUT_INVALID', field: '/id' });
    expect(
      (
        await manager.ask('PUT', at('/windows/w03'), { id: 'w03', number: '01', area: 'A区', department: 'tax', services: [] })
      ).json(),
    ).toMatchObject({ code: 'CONTENT_INVALID' });
    expect((await manager.ask('DELETE', at('/windows/w03'))).statusCode).toBe(204);
    expect((await manager.ask('DELETE', at('/windows/w03'))).json()).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('what is still referred to is not removed', async () => {
    const answer = await manager.ask('DELETE', at('/departments/tax'));
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'CONTENT_REFERENCED' });
    expect(content.load().departments).toHaveLength(2);
  });

  test('settings and calendar are replaced on their own', async () => {
    expect((await manager.ask('PUT', at('/settings'), { ...small.settings, staffNamePolicy: 'none' })).statusCode).toBe(204);
    expect((await manager.ask('PUT', at('/calendar'), { ...small.calendar, zone: 'Mars/Base' })).json()).toMatchObject({
      field: '/calendar/zone',
    });
    expect((await manager.ask('PUT', at('/calendar'), { ...small.calendar, tailMinutes: 45 })).statusCode).toBe(204);
    expect(content.load()).toMatchObject({ settings: { staffNamePolicy: 'none' }, calendar: { tailMinutes: 45 } });
  });

  test('a dry run says what would happen and changes nothing; the import then does it', async () => {
    const file = `${HEAD}tax,税务局,Tax Bureau,税务\nmarket,市监局,,\npolice,公安局,,\n`;
    const dry = await manager.ask('POST', at('/import?kind=departments&dryRun=true'), file, csv);
    expect(dry.json()).toEqual({ dryRun: true, applied: false, added: 1, changed: 1, removed: 0, same: 1, errors: [] });
    expect(content.version()).toBe(1);
    const real = await manager.ask('POST', at('/import?kind=departments'), file, { ...csv, 'if-match': '"1"' });
    expect(real.json()).toMatchObject({ applied: true, added: 1, changed: 1 });
    expect(content.load().departments).toHaveLength(3);
    expect((await manager.ask('POST', at('/import?kind=departments'), file, { ...csv, 'if-match': '"1"' })).json()).toMatchObject(
      { code: 'CONFLICT' },
    );
  });

  test('an import with one wrong row changes nothing', async () => {
    const file = gbk(`${HEAD}tax,税务局,,\nmarket,市监局,,\nBAD ID,坏,,\n`);
    const answer = await manager.ask('POST', at('/import?kind=departments'), file, csv);
    expect(answer.json()).toMatchObject({ applied: false, errors: [{ row: 4, field: 'id', value: 'BAD ID' }] });
    expect(content.load()).toEqual(small);
  });

  test('an export of a kind is CSV that imports again', async () => {
    const answer = await manager.ask('GET', at('/export?kind=windows'));
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.body).toBe('\ufeffid,number,area,department,services\r\nw01,01,A区,tax,invoice;licence\r\nw02,02,,market,\r\n');
    const back = await manager.ask('POST', at('/import?kind=windows'), answer.rawPayload, csv);
    expect(back.json()).toMatchObject({ applied: true, same: 2, changed: 0 });
  });

  test('staff and security see no content, and so no names of staff', async () => {
    for (const role of ['staff', 'security'] as const) {
      const browser = await hall.as(role);
      expect((await browser.ask('GET', at(''))).statusCode).toBe(403);
      expect((await browser.ask('GET', at('/export?kind=staff'))).statusCode).toBe(403);
    }
  });

  test('another hall is not here', async () => {
    expect((await manager.ask('GET', '/halls/other/content')).json()).toMatchObject({ code: 'HALL_UNKNOWN' });
  });
});
