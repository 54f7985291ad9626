import { HallError, type Clock } from '@hall/contracts';
import { Type, type Static } from 'typebox';
import { serial } from '../../transports/serial.ts';
import { tcp } from '../../transports/tcp.ts';
import type { Transport } from '../../transports/transport.ts';

/** Half-duplex lines need a moment to turn round; code in the field waits 100 ms between commands, which is the safe end. */
const GAP_MS = 20;

export const OnbonKSettings = Type.Object(
  {
    transport: Type.Union([Type.Literal('tcp'), Type.Literal('serial')], { description: '连接方式 Transport.' }),
    host: Type.Optional(Type.String({ minLength: 1, maxLength: 253, description: 'Address of the card; for tcp.' })),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 5005, description: 'TCP port of the card.' }),
    path: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: 'Serial port, e.g. /dev/ttyUSB0; for serial.' }),
    ),
    baud: Type.Union([Type.Literal(57_600), Type.Literal(9600)], { default: 57_600, description: 'As set in the card; 8N1.' }),
    screenNumber: Type.Integer({ minimum: 1, maximum: 0x7fff, default: 1, description: 'Screen number set in the card.' }),
    charset: Type.Union([Type.Literal('gb2312'), Type.Literal('gbk')], {
      default: 'gb2312',
      description: 'gbk only where the GBK font has been loaded into the card.',
    }),
    unit: Type.Union([Type.Literal('px_bit15'), Type.Literal('units8'), Type.Literal('px')], {
      default: 'px_bit15',
      description:
        'How the card reads X and width: marked pixels (documented), 8-px units (5K as shipped), plain pixels (6K as shipped).',
    }),
    font16: Type.Integer({ minimum: 0, maximum: 999, default: 1, description: 'Number of the 16-px font in the card.' }),
    font32: Type.Integer({ minimum: 0, maximum: 999, default: 3, description: 'Number of the 32-px font in the card.' }),
    brightness: Type.Integer({ minimum: 0, maximum: 15, default: 15, description: 'Level of the card, 15 brightest.' }),
    areaTimeoutS: Type.Integer({
      minimum: 5,
      maximum: 3600,
      default: 30,
      description: 'A card that hears nothing for this long hides the live text by itself and plays its stored programme, s.',
    }),
    refreshS: Type.Integer({ minimum: 2, maximum: 1200, default: 10, description: 'Everything is sent again this often, s.' }),
    answerTimeoutMs: Type.Integer({
      minimum: 100,
      maximum: 10_000,
      default: 1500,
      description: 'Longest wait for an answer, ms.',
    }),
  },
  { additionalProperties: false },
);
export type OnbonKSettings = Static<typeof OnbonKSettings>;

/** @throws HallError DEVICE_SETTINGS_INVALID when settings contradict each other. */
export function transportFor(
  { transport, host, port, path, baud, areaTimeoutS, refreshS }: OnbonKSettings,
  clock: Clock,
): Transport {
  const wrong = (field: string, reason: string) => new HallError('DEVICE_SETTINGS_INVALID', { field, reason });
  if (refreshS * 2 > areaTimeoutS) throw wrong('refreshS', 'must be at most half of areaTimeoutS');
  if (transport === 'tcp') {
    if (host === undefined) throw wrong('host', 'is needed for tcp');
    return tcp(host, port, clock);
  }
  if (path === undefined) throw wrong('path', 'is needed for serial');
  return serial({ path, baud, gapMs: GAP_MS }, clock);
}
