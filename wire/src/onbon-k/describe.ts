/** Frames in words, for traces and logs. */
import { cardErrorOf, cardErrors } from './errors.ts';
import { parseRequest, type Request } from './commands.ts';
import { addresses, type Frame } from './frame.ts';
import type { DynamicArea } from './dynamic-area.ts';
import { parseReply, type Reply } from './replies.ts';
import { parseText, shownText } from './text.ts';

export interface Description {
  readonly zh: string;
  readonly en: string;
  /** What the sentence was made from, by name. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

const address = (number: number): string => `0x${number.toString(16).toUpperCase().padStart(4, '0')}`;

/** One sentence about a frame in each language. A frame to the computer is an answer, every other a request. */
export function describeFrame(frame: Frame): Description {
  const isReply = frame.destination === addresses.computer;
  const said = isReply ? describeReply(parseReply(frame.data)) : describeRequest(frame.data);
  const ends = { from: address(frame.source), to: address(frame.destination), dataBytes: frame.data.length };
  return { ...said, fields: { ...ends, ...said.fields } };
}

function describeReply(reply: Reply | undefined): Description {
  switch (reply?.kind) {
    case undefined:
      return { zh: '无法解读的应答', en: 'An answer that cannot be read', fields: {} };
    case 'ack':
      return { zh: '控制卡应答：成功', en: 'The card acknowledges', fields: { kind: 'ack' } };
    case 'nack': {
      const word = cardErrorOf(reply.error);
      const zh = word ? cardErrors[word].zh : `错误 ${reply.error}`;
      const en = word ? cardErrors[word].en : `error ${reply.error}`;
      return { zh: `控制卡拒绝：${zh}`, en: `The card refuses: ${en}`, fields: { kind: 'nack', error: reply.error } };
    }
    case 'status': {
      const { on, brightness, areaCount, programme } = reply.status;
      return {
        zh: `控制卡状态：${on ? '开屏' : '关屏'}，亮度 ${brightness}，动态区 ${areaCount} 个`,
        en: `Card status: ${on ? 'on' : 'off'}, brightness ${brightness}, ${areaCount} dynamic areas`,
        fields: { kind: 'status', on, brightness, areaCount, programme },
      };
    }
    case 'unknown': {
      const { group, command, error } = reply;
      return { zh: '未知应答', en: 'An unknown answer', fields: { kind: 'unknown', group, command, error } };
    }
  }
}

function describeRequest(data: Uint8Array): Description {
  const parsed = parseRequest(data);
  if (!parsed.ok) {
    const { zh, en } = cardErrors[parsed.error];
    return { zh: `无效请求：${zh}`, en: `A request no card takes: ${en}`, fields: { error: parsed.error } };
  }
  const { request, reply, convention } = parsed;
  const said = requestInWords(request);
  return { ...said, fields: { kind: request.kind, reply, convention, ...said.fields } };
}

function requestInWords(request: Request): Description {
  const plain = (zh: string, en: string, fields: Description['fields'] = {}): Description => ({ zh, en, fields });
  switch (request.kind) {
    case 'ping':
      return plain('联机测试', 'Ping');
    case 'status':
      return plain('查询控制卡状态', 'Query the card status');
    case 'clear':
      return plain('清屏', 'Clear the screen');
    case 'power':
      return request.on ? plain('开屏', 'Screen on') : plain('关屏', 'Screen off');
    case 'brightness':
      return plain(`亮度 ${request.level}`, `Brightness ${request.level}`, { mode: request.mode, level: request.level });
    case 'set_clock': {
      const { year, month, day, hour, minute, second } = request.time;
      const two = (value: number) => String(value).padStart(2, '0');
      const time = `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
      return plain(`校时 ${time}`, `Set the clock to ${time}`, { time });
    }
    case 'dynamic_areas':
      return areasInWords(request);
    case 'start_write_file':
      return plain(`写闪存文件 ${request.name}`, `Write the flash file ${request.name}`, {
        name: request.name,
        lengthBytes: request.lengthBytes,
      });
    case 'write_block':
    case 'begin_files':
    case 'end_files':
      return plain('写闪存', 'Write flash', { payloadBytes: request.payload.length });
  }
}

function areasInWords({ processMode, remove, areas }: Extract<Request, { kind: 'dynamic_areas' }>): Description {
  const quoted = (area: DynamicArea) => `#${area.id}「${shownText(parseText(area.text)).replaceAll('\n', ' / ')}」`;
  const removed = remove === 'all' ? '*' : remove.join(',');
  const zh = [
    ...(processMode === 1 ? ['清空动态区'] : []),
    ...(removed === '' ? [] : [remove === 'all' ? '删除全部动态区' : `删除动态区 ${removed}`]),
    ...(areas.length > 0 ? [`显示 ${areas.map(quoted).join('，')}`] : []),
  ];
  const en = [
    ...(processMode === 1 ? ['clear all areas'] : []),
    ...(removed === '' ? [] : [remove === 'all' ? 'delete all areas' : `delete areas ${removed}`]),
    ...(areas.length > 0 ? [`show ${areas.map(quoted).join(', ')}`] : []),
  ];
  return {
    zh: zh.length > 0 ? zh.join('；') : '动态区：无变化',
    en: en.length > 0 ? en.join('; ') : 'Dynamic areas: nothing to do',
    fields: {
      processMode,
      remove: removed,
      areas: areas.length,
      ...Object.fromEntries(areas.map((area) => [`area ${area.id}`, shownText(parseText(area.text))])),
    },
  };
}
